"""What a person would use instead: one short file each, run in an environment of its own."""
