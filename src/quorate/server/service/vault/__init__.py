"""Vault accounts, wallets and addresses: the server's own bookkeeping."""
