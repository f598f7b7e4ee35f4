"""The built-in model: reads the requested action and writes tasks for it."""
