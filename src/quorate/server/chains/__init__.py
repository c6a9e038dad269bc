"""Chain clients. What they report are claims of a node: signers believe none of it."""
