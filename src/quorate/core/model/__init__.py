"""Structures that are hashed or signed, exactly as docs/spec says."""
