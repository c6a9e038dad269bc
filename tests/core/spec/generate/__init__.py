"""Makes docs/spec/vectors.json, from fixed seeds and without any code of quorate: the two must agree, not
be the same.

`python -m tests.core.spec.generate` writes the file.
"""
