"""What a stack may consist of, and that nothing leaves it."""
