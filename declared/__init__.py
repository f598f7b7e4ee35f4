"""Evaluates a Pulumi program without an engine."""
