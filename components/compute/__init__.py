"""Functions and their packages, the state machine, reconciliation."""
