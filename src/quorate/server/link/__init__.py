"""The signers' side of the server: they dial in over mTLS, it relays what it cannot read and asks what they
may refuse."""
