"""EVM chains: address, build, digest, attach, and the decoder. Builder and decoder share no code.

`item.decode_item` reads bytes of five formats into effects; `decode.decode` is the judge's narrow reading of
a plain transfer. Both stand on `transaction`, and what calls and messages do is in `calls` and `typed`.
"""
