"""AWS's schemas and linters of documents and definitions, over every stack of every program."""
