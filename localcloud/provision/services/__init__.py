"""One file an AWS service: creates what is declared, and reads it back."""
