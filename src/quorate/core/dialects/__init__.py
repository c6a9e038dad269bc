"""Doors to the signed intent: a dialect maps a raw request body to one, by pure code that server and
signers share.
"""
