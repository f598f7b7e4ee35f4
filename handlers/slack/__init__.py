"""What operators read in Slack: alarms, endings of executions, and what else the topics carry."""
