"""The main story: opening, transfers, refusals, liar, crash, logs. Each relies on those before."""
