"""Who asked, and who signed: verification only. Verifying raises; it never returns a verdict to forget."""
