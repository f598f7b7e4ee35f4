"""What exists in the cloud: one component a file, and what they are computed from."""
