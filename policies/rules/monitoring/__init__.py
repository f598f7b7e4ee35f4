"""What this product's alarms, messages, queries and dashboard have to be, judged by name."""
