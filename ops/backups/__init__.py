"""Backups and restores: an archive of a stack, and the way back from it or from DynamoDB's own."""
