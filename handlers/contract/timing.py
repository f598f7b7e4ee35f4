"""Times that functions and infrastructure must agree on."""

DEADLINE_MARGIN_SECONDS = 60
"""A model call is launched only if it can still end this long before the execution's deadline."""

START_GRACE_SECONDS = 60
"""A lock older than this without an execution was left by a start that died."""

SWEEP_MINUTES = 5
"""Between two sweeps of open executions. Status events are best effort: an execution that none is
sent for ends within this time of its deadline."""
