"""Logs: lines of the stack's groups, and the saved queries."""
