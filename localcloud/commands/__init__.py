"""What a person asks of a cloud that is up: serve it, show its status, its alarms and its logs."""
