"""The embedded cloud: runs the same program with no account, no Docker and no Pulumi CLI."""
