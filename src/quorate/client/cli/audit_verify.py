"""Verify a signer's audit log offline, from a folder and the charter alone. Names the first bad entry. Exit 0 valid, 1 invalid."""
