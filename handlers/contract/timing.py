"""Times that functions and infrastructure must agree on."""

DEADLINE_MARGIN_SECONDS = 60
"""A model call is launched only if it can still end this long before the execution's deadline."""

START_GRACE_SECONDS = 60
"""A lock older than this without an execution was left by a start that died."""
