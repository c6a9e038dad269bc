"""Solana: address, message, decode, build, attach. Builder and decoder share no code."""
