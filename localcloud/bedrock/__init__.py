"""A stand-in for Amazon Bedrock: Converse over HTTP, deterministic answers, faults on demand."""
