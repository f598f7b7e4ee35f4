"""Processes of Lambda functions."""
