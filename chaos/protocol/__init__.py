"""A model of lock, fence and phases, and a checker that looks at all its interleavings."""
