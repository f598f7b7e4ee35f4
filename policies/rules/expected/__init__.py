"""What is right for a setting, by type and property; the rest is refused."""
