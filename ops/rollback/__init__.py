"""Rollback: the aliases `live` move to versions published earlier."""
