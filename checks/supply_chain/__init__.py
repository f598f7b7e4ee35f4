"""What is locked and deployed: its known vulnerabilities, and its bill of materials."""
