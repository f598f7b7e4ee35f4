"""Faults on purpose: what is promised of an execution must hold whatever fails."""
