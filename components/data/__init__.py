"""Encryption keys, the execution table, stored secrets."""
