"""What every function makes once per cold start."""
