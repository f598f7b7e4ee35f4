"""What deploys the workflow: CI's roles in AWS, and what a stack's history knows."""
