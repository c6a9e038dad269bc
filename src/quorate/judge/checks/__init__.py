"""The judge's named checks. The tables are the order; each check is small and stands where its name says."""
