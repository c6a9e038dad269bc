"""Chains.

Addresses, transactions and what they do, from bytes alone. One package per family; `hd` derives the keys.
"""
