"""Addresses, transactions and what they do, one package per chain family; `hd` derives the keys."""
