"""What each function, the state machine and AWS's services may do."""
