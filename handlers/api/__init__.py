"""Requests, answers and errors of the HTTP API (docs/openapi.yaml)."""
