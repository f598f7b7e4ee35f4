"""Tuning: what the stack's metrics say about the guide's knobs, and a function's memory."""
