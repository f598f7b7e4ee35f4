"""How CI deploys the workflow: its roles in AWS, and the history of a stack."""
