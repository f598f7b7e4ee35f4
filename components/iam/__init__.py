"""What each function and the state machine may do."""
