"""Faults on purpose: what is promised of an execution holds whatever fails, and in any order."""
