"""Secrets that stand in for those that no stack file holds."""

import secrets

from declared.program import PROJECT


def throwaway_secrets() -> dict[str, str]:
    """The configuration that no stack file holds; policies ask where it goes, not what it is."""
    return {
        f"{PROJECT}:databaseUrl": f"postgresql://policy:{secrets.token_hex(8)}@db.invalid/goals",
        f"{PROJECT}:jwtSecret": secrets.token_hex(32),
        f"{PROJECT}:slackWebhook": f"https://slack.invalid/{secrets.token_hex(8)}",
    }
