"""The recorded thefts, judged again from their bytes."""
