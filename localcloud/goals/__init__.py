"""Goal files and their format."""
