"""The judge: the trusted Python process of a signer. It decides, records and only then lets anything out.

Nothing here holds a secret that could move split-key money: shares and vote keys live in the keeper, which
checks again.
"""
