"""Real models that answer in place of the built-in one."""
