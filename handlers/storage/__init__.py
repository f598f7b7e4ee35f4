"""The table of executions in DynamoDB, and the product's database."""
