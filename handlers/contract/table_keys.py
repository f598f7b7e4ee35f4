"""Keys and indexes of the table `WorkflowExecution`.

The pk of an item is the id of its execution; other items have a prefix (`idempotency#`, `slack#`,
`turns`).
"""

EXECUTION_SK = "execution"
ACTION_SK_PREFIX = "action#"
TASKS_SK_PREFIX = "tasks#"
GOAL_INDEX = "goalId-index"
USER_INDEX = "userId-index"
MONTH_INDEX = "month-index"
"""HASH `month` (UTC, as 2026-11), RANGE pk: all executions, in partitions of one month."""
INDEXES = (GOAL_INDEX, USER_INDEX, MONTH_INDEX)
TURNS_PK = "turns"
"""The shared token budget and the queue for it; with `#` and a user's id, that user's tickets."""
TTL_ATTRIBUTE = "ttl"
