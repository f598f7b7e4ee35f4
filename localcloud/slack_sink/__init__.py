"""A place for Slack messages where there is no Slack: takes them as a webhook does, shows them."""
