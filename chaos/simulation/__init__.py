"""Deterministic simulation: every execution of a goal in one process, under one seed."""
