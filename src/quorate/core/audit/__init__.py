"""The audit log of a signer: events, Merkle tree, C2SP tiles and checkpoints, offline verification."""
