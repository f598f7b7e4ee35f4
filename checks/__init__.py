"""What all stacks are checked for before a deployment: see README.md."""
