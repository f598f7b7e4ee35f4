"""One file an AWS resource: its alarms and its widgets."""
