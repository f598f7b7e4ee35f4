"""What runs in Lambda: one entry module a function, and the domain code beside them."""
