"""Bitcoin: address, build, decode, digest, attach. Builder and decoder share only addresses and hashes."""
