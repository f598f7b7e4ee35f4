"""What the handlers of the workflow read and are invoked with, by function.

The pack runs without the handlers, so this is a copy: tests/policies/test_entries.py compares it
with their code.
"""

from collections.abc import Mapping

_ALL = frozenset({"ENVIRONMENT", "TABLE_NAME", "TTL_DAYS"})
_DATABASE = _ALL | {"DATABASE_URL_SECRET_ARN"}

VARIABLES: Mapping[str, frozenset[str]] = {
    "slack-notifier": _ALL
    | {
        *("SLACK_WEBHOOK_SECRET_ARN", "SLACK_QUEUE_URL", "SLACK_DEAD_LETTERS_URL"),
        *("SLACK_LANGUAGE", "SLACK_ESCALATE_PERCENT", "SLACK_MENTION"),
        *("RUNBOOK_URL", "DASHBOARD_URL", "LOG_GROUPS"),
    },
    "task-generation": _ALL
    | {"MODEL_BUDGET_PER_MINUTE", "BEDROCK_MODEL", "MODEL_CALL_TIMEOUT_SECONDS"}
    | {"HEDGE_AFTER_SECONDS"},
    "workflow-archive": _ALL | {"ARCHIVE_BUCKET", "ARCHIVE_AFTER_DAYS"},
    "workflow-cancel": _DATABASE | {"STATE_MACHINE_ARN"},
    "workflow-finish": _DATABASE,
    "workflow-prepare": _DATABASE
    | {"MODEL_BUDGET_PER_MINUTE", "WORKFLOW_TIMEOUT_SECONDS", "BATCH_SIZE"},
    "workflow-reconcile": _DATABASE
    | {"STATE_MACHINE_ARN", "WORKFLOW_TIMEOUT_SECONDS", "NOTIFICATIONS_TOPIC_ARN"},
    "workflow-save-batch": _DATABASE,
    "workflow-start": _DATABASE | {"STATE_MACHINE_ARN", "TRACED_PERCENT"},
    "workflow-status": _ALL | {"JWT_SECRET_ARN"},
}
"""End of a function's name -> the variables that its code reads."""

SECRETS: Mapping[str, str] = {
    "DATABASE_URL_SECRET_ARN": "database-url",
    "JWT_SECRET_ARN": "jwt-secret",
    "SLACK_WEBHOOK_SECRET_ARN": "slack-webhook",
}
"""Variable -> the end of the name of the secret whose ARN it holds."""

_STEP = frozenset({"executionId", "goalId"})

NEEDED: Mapping[str, frozenset[str]] = {
    "workflow-prepare": _STEP | {"startedAt"},
    "task-generation": _STEP | {"actionId", "deadline"},
    "workflow-save-batch": _STEP | {"actionIds"},
    "workflow-finish": _STEP,
}
"""Function -> the fields without which it refuses the event of the state machine."""

OPTIONAL: Mapping[str, frozenset[str]] = {
    "workflow-prepare": frozenset({"requestId", "actionIds", "turn"}),
    "task-generation": frozenset({"requestId"}),
    "workflow-save-batch": frozenset({"requestId"}),
    "workflow-finish": frozenset({"requestId", "error"}),
}
"""Function -> the other fields that it takes; it refuses all others."""

ANSWERS: Mapping[str, frozenset[str]] = {
    "workflow-prepare": _STEP | {"actionIds", "batches", "deadline", "waitSeconds", "turn"},
    "task-generation": frozenset({"actionId", "taskCount"}),
    "workflow-save-batch": frozenset({"saved"}),
}
"""Function -> the fields of its answer that are always there."""


ROUTES: Mapping[str, str] = {
    "GET /goals/{goalId}/workflows": "workflow-status",
    "GET /health": "workflow-status",
    "GET /workflows": "workflow-status",
    "GET /workflows/{executionId}/actions": "workflow-status",
    "GET /workflows/{executionId}/status": "workflow-status",
    "POST /goals/{goalId}/start-activity": "workflow-start",
    "POST /workflows/{executionId}/cancel": "workflow-cancel",
    "POST /workflows/{executionId}/retry": "workflow-start",
}
"""Route of the API -> the function that answers it."""

HEADERS = frozenset({"authorization", "content-type", "idempotency-key"})
"""Headers of a request that the API reads."""


def entry_of(function_name: object, project: str, stack: str) -> str | None:
    """The end of the name of a function of the workflow, as the tables have it; None for others."""
    found = str(function_name).removeprefix(f"{project}-{stack}-")
    return found if found in VARIABLES else None


def handler_of(entry: str) -> str:
    """Lambda's handler string: the module of the function's name."""
    return f"handlers.{entry.replace('-', '_')}.handler"
