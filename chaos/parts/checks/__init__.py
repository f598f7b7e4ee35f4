"""The nine invariants (docs/: the product's contract), as questions to what a goal has left."""
