"""The product's PostgreSQL: the embedded server, the product's tables, its users and goals."""
