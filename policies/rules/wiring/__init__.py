"""The design's invariants, as far as the declared resources show them."""
