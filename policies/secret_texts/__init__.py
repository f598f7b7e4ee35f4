"""What a secret looks like in a text: by its value, by its form; and a text without it."""
