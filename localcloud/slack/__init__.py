"""A place for Slack messages where there is no Slack: takes them as a webhook does, shows them."""

WEBHOOK_PATH = "/services/local"
"""Where messages are posted to; GET / shows them, GET /messages lists them as JSON."""
