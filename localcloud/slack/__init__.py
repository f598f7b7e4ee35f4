"""A sink for Slack messages: accepts them as Slack's incoming webhook does, and shows them."""

WEBHOOK_PATH = "/services/local"
"""The path to post messages to; GET / shows them, GET /messages lists them as JSON."""
