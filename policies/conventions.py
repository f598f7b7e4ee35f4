"""What the pack expects of this product: a pack for another one changes the values here."""

PROTECTED_STACKS = frozenset({"prod"})
"""Stacks whose data must be protected and whose logs must be kept for long."""

PROTECTED_LOG_DAYS = 90
"""How long a protected stack keeps its logs, at least (guide: CloudWatch Logs)."""

LOG_DAYS = 30
"""How long another stack keeps the logs of a log group that names no time (remediation)."""

PUBLIC_ROUTES = frozenset({"GET /health"})
"""API routes that answer without a token (design: HTTP API)."""

REQUIRED_TAGS = ("Project", "Environment")
"""Tags of every resource that can have some; Environment is the stack's name."""

MIN_PASSWORD_CHARACTERS = 12
"""Of a user pool (guide: アクセス制御)."""
