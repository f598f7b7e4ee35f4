"""The HTTP API and its user pool."""
