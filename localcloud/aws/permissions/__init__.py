"""IAM: who may do what on the embedded cloud."""
