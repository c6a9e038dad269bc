"""The audit log of a signer.

Events, Merkle tree, C2SP tiles and checkpoints, and their verification offline.
"""
