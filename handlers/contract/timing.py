"""Times that functions and infrastructure share."""

DEADLINE_MARGIN_SECONDS = 60
"""A model call starts only if it can still end this long before the execution's deadline."""

START_GRACE_SECONDS = 60
"""A lock that is older than this and has no execution was left by a start that died."""

SWEEP_MINUTES = 5
"""Between two sweeps of open executions. Status events are best effort: an execution without one
ends within this time of its deadline."""
