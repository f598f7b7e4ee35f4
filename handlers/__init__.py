"""The Lambda functions: an entry module for each, and packages with their code."""
