"""What roles, accounts and services are granted."""
