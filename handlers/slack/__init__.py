"""The messages to operators in Slack: alarms, ended executions, and other notices of the topics."""
