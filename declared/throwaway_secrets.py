"""Throwaway secrets for an evaluation: the stack files hold none."""

import secrets

from declared.program import PROJECT


def throwaway_secrets() -> dict[str, str]:
    """The secret settings, with new values each time."""
    return {
        f"{PROJECT}:databaseUrl": f"postgresql://policy:{secrets.token_hex(8)}@db.invalid/goals",
        f"{PROJECT}:jwtSecret": secrets.token_hex(32),
        f"{PROJECT}:slackWebhook": f"https://slack.invalid/{secrets.token_hex(8)}",
    }
