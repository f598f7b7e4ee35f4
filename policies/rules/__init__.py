"""The policies, a file a concern."""
