"""What happens to an execution, from its start to its end."""
