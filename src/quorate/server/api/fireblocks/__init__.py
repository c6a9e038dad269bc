"""The routes under /v1 that unmodified Fireblocks SDKs call."""
