"""The embedded cloud's processes, ports, state and lock."""
