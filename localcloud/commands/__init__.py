"""The commands of the command line: serve, status, query, alarms."""
