"""Contract ABI: type names, and a decoder that takes only the one encoding of a value."""
