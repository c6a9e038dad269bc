"""EVM chains.

Address, build (rlp library), decode (own strict reader: no code shared with build), digest, attach.
"""
