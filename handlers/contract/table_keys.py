"""Keys and indexes of the table `WorkflowExecution`: one table, pk = execution id."""

# DynamoDB: one table, pk = execution id.
EXECUTION_SK = "execution"
ACTION_SK_PREFIX = "action#"
TASKS_SK_PREFIX = "tasks#"
GOAL_INDEX = "goalId-index"
USER_INDEX = "userId-index"
MONTH_INDEX = "month-index"
"""HASH `month` (UTC, as 2026-11), RANGE pk: all executions, in buckets that stay small."""
INDEXES = (GOAL_INDEX, USER_INDEX, MONTH_INDEX)
TTL_ATTRIBUTE = "ttl"
