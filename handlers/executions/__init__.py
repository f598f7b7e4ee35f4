"""The life of an execution, from its start to its end."""
