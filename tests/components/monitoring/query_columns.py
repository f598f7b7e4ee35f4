"""The columns in the result of each saved query."""

QUERY_COLUMNS: dict[str, tuple[str, ...]] = {
    "error-rate": ("bin(5m)", "@log", "errors", "calls", "errorPercent"),
    "execution-time": ("hour", "averageSeconds", "longestSeconds", "shortestSeconds", "executions"),
    "failed-actions": ("status", "executions", "failedActions"),
    "slowest-actions": (
        "durationMs",
        "taskCount",
        "executionId",
        "goalId",
        "actionId",
        "@timestamp",
    ),
    "errors-by-code": ("service", "errorCode", "error", "times", "executions"),
    "execution-story": (
        "@timestamp",
        "service",
        "what",
        "state",
        "actionId",
        "errorCode",
        "status",
        "durationMs",
        "requestId",
    ),
    "token-spend-by-goal": (
        "goalId",
        "costUsd",
        "inputTokens",
        "outputTokens",
        "calls",
        "executions",
    ),
    "retries-by-reason": ("bin(15m)", "reason", "tries", "actions"),
}
