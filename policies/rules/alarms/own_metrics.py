"""The metrics of this product's handlers: the same names as handlers/contract/metric_names.py.

The pack stands alone, so it has them a second time; a test keeps both equal.
"""

from policies.rules.alarms.published import Kind, Published

NAMESPACE = "GoalMandala/Workflow"

STACK_DIMENSION = "environment"
"""Every metric has it; its value is the stack's name."""

_CODES = (
    "MODEL_THROTTLED MODEL_QUOTA_USED_UP MODEL_UNAVAILABLE MODEL_REJECTED CONTENT_FILTERED"
    " INVALID_ANSWER DEADLINE FUNCTION_FAILED ACTION_NOT_FOUND SAVE_FAILED EXECUTION_TIMED_OUT"
    " NO_TURN EXECUTION_ABORTED EXECUTION_FAILED START_FAILED CANCELLED"
)
VALUES = {
    "status": frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}),
    "errorCode": frozenset(_CODES.split()),
}
"""A second dimension -> its values."""

_SECOND = {
    "ExecutionsEnded": "status",
    "ActionsFailed": "errorCode",
    "FailedAttempts": "errorCode",
}
"""Metrics that exist a second time, with one more dimension."""

_NAMES = (
    (
        Kind.AMOUNT,
        True,
        "ExecutionsEnded ActionsSucceeded ActionsGenerated SlackMessages ExecutionsHealed"
        " ExecutionsArchived",
    ),
    (
        Kind.AMOUNT,
        False,
        "ActionsFailed DeadlineCuts FailedAttempts Repairs HedgedCalls HedgesWon AnswersCoerced"
        " ModelThrottles InputTokens OutputTokens CostUsd TableUserErrors ApiUnavailable ApiFailed"
        " SlackFailures",
    ),
    (Kind.PERCENT, False, "FailedActionsShare"),
    (Kind.MILLISECONDS, False, "ModelLatency"),
    (Kind.SECONDS, False, "ReconcileLag ArchiveLag TurnWait"),
)


def _dimensions(name: str) -> frozenset[frozenset[str]]:
    base = frozenset({STACK_DIMENSION})
    second = _SECOND.get(name)
    return frozenset({base, base | {second}} if second else {base})


OWN_METRICS = {
    (NAMESPACE, name): Published(kind, _dimensions(name), wanted)
    for kind, wanted, names in _NAMES
    for name in names.split()
}
"""(namespace, name) -> the metric."""
