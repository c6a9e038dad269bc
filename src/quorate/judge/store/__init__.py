"""The signer's own database: one SQLite file, one writer, on disk before visible."""
