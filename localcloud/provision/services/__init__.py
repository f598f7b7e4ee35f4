"""One file an AWS service: creates, reads, changes and deletes its resources."""
