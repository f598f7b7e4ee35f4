"""Times that functions and infrastructure must agree on."""

DEADLINE_MARGIN_SECONDS = 60
"""A model call starts only if it can still end this long before the execution's deadline."""

START_GRACE_SECONDS = 60
"""A lock that is older than this and has no execution was left by a start that died."""
