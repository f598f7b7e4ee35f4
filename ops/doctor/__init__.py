"""The guide's five troubles: which of them a stack has, by evidence, and what to do."""
