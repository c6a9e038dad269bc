"""The native routes under /quorate/v1: status, charter, orders, keys, intents with their decisions."""
