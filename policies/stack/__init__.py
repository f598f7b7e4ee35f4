"""A stack as the engine shows it to the pack: its resources, documents, roles and definitions."""
