"""Evaluates a Pulumi program without Pulumi's engine."""
