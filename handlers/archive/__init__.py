"""Ended executions as objects in S3, written long before the table's TTL removes their items."""
