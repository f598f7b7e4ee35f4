"""The workflow's own metrics. Functions emit them (EMF), alarms and the dashboard read them."""

from enum import StrEnum

NAMESPACE = "GoalMandala/Workflow"


class Dimension(StrEnum):
    """The dimensions. Values come from fixed lists, since each is one more metric to pay for."""

    ENVIRONMENT = "environment"
    STATUS = "status"
    ERROR_CODE = "errorCode"


class MetricName(StrEnum):
    """Name of a metric. Each has the dimension `environment`; `SECOND_DIMENSION` lists one more."""

    EXECUTIONS_ENDED = "ExecutionsEnded"
    """Executions that ended, once each (Count)."""
    ACTIONS_SUCCEEDED = "ActionsSucceeded"
    """Actions saved, counted when their execution ends (Count)."""
    ACTIONS_FAILED = "ActionsFailed"
    """Actions that failed for good, counted when their execution ends (Count)."""
    FAILED_ACTIONS_SHARE = "FailedActionsShare"
    """Share of an execution's actions that failed for good, when it ends (Percent)."""
    DEADLINE_CUTS = "DeadlineCuts"
    """Executions with an action that was not started because of the deadline (Count)."""
    ACTIONS_GENERATED = "ActionsGenerated"
    """Actions whose tasks were generated (Count)."""
    FAILED_ATTEMPTS = "FailedAttempts"
    """Attempts at an action that raised an error, retried or not (Count)."""
    REPAIRS = "Repairs"
    """Second turns of the model over an invalid answer (Count)."""
    HEDGED_CALLS = "HedgedCalls"
    """Second calls that were made because the first one had no answer yet (Count)."""
    HEDGES_WON = "HedgesWon"
    """Second calls that were answered before the first one (Count)."""
    ANSWERS_COERCED = "AnswersCoerced"
    """Answers that were not in the form that was asked for, and could be read (Count)."""
    MODEL_LATENCY = "ModelLatency"
    """Duration of one model call that was answered (Milliseconds)."""
    MODEL_THROTTLES = "ModelThrottles"
    """Model calls that Bedrock throttled (Count)."""
    TURN_WAIT = "TurnWait"
    """How long an execution has waited for its turn at the model, at each look (Seconds)."""
    INPUT_TOKENS = "InputTokens"
    """Input tokens of model calls (Count)."""
    OUTPUT_TOKENS = "OutputTokens"
    """Output tokens of model calls (Count)."""
    COST_USD = "CostUsd"
    """Cost of the tokens, in US dollars (None)."""
    TABLE_USER_ERRORS = "TableUserErrors"
    """The functions' requests that DynamoDB refused as invalid (Count).

    Failed conditions and throttled requests do not count. AWS's own UserErrors counts all tables of
    an account and region together.
    """
    RECONCILE_LAG = "ReconcileLag"
    """How long the oldest open execution is past its deadline, or 0, at each sweep (Seconds)."""
    EXECUTIONS_HEALED = "ExecutionsHealed"
    """Executions that workflow-reconcile ended, not their own workflow (Count)."""
    EXECUTIONS_ARCHIVED = "ExecutionsArchived"
    """Executions copied to the archive and read back (Count)."""
    ARCHIVE_LAG = "ArchiveLag"
    """How long the oldest execution is due for the archive, or 0, at the end of each run
    (Seconds)."""
    API_UNAVAILABLE = "ApiUnavailable"
    """Answers 503 of the functions, not of the gateway (Count)."""
    API_FAILED = "ApiFailed"
    """Answers 500 of the functions, not of the gateway (Count)."""
    SLACK_MESSAGES = "SlackMessages"
    """Messages that Slack accepted (Count)."""
    SLACK_FAILURES = "SlackFailures"
    """Attempts that Slack refused or did not answer (Count)."""


SECOND_DIMENSION = {
    MetricName.EXECUTIONS_ENDED: Dimension.STATUS,
    MetricName.ACTIONS_FAILED: Dimension.ERROR_CODE,
    MetricName.FAILED_ATTEMPTS: Dimension.ERROR_CODE,
}
"""Metrics that exist a second time, with this dimension beside `environment`."""

_UNITS = {
    MetricName.FAILED_ACTIONS_SHARE: "Percent",
    MetricName.MODEL_LATENCY: "Milliseconds",
    MetricName.COST_USD: "None",
    MetricName.RECONCILE_LAG: "Seconds",
    MetricName.ARCHIVE_LAG: "Seconds",
    MetricName.TURN_WAIT: "Seconds",
}


def unit(metric: MetricName) -> str:
    """The metric's unit, by CloudWatch's name."""
    return _UNITS.get(metric, "Count")
