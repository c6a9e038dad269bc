"""`make bench`: the tables of docs/performance.md. It measures; nothing is asserted."""
