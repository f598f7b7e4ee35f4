"""IAM: permissions of machines and of the model's callers, and the recording of all."""
