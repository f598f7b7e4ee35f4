"""The servers of an embedded cloud: their processes and ports, its state and its lock."""
