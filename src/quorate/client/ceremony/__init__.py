"""What the ceremonies of production are made of: files, keys of the link, SSH signatures, the charter
draft.
"""
