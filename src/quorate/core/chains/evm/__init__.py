"""EVM chains: address, build, decode, digest, attach. Builder and decoder share no code."""
