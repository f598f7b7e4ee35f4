"""A model server with Amazon Bedrock's API: Converse, deterministic answers, simulated faults."""
