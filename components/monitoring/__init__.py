"""Metrics, alarms, dashboard, saved queries, topics and Slack."""
