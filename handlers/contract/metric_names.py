"""The workflow's own metrics: what the handlers write (EMF), what alarms and dashboards read."""

from enum import StrEnum

NAMESPACE = "GoalMandala/Workflow"


class Dimension(StrEnum):
    """The dimensions; each value is from a fixed list, for each is a metric that costs money."""

    ENVIRONMENT = "environment"
    STATUS = "status"
    ERROR_CODE = "errorCode"


class Metric(StrEnum):
    """Name of a metric. Each exists by `environment` alone; `BROKEN_DOWN` says what else."""

    EXECUTIONS_ENDED = "ExecutionsEnded"
    """Executions that were given their end, once each (Count)."""
    ACTIONS_SUCCEEDED = "ActionsSucceeded"
    """Actions saved, counted when their execution ends (Count)."""
    ACTIONS_FAILED = "ActionsFailed"
    """Actions that failed for good, counted when their execution ends (Count)."""
    FAILED_ACTIONS_SHARE = "FailedActionsShare"
    """Of one execution's actions, those that failed for good (Percent), when it ends."""
    DEADLINE_CUTS = "DeadlineCuts"
    """Executions that the deadline cut: some action was not launched any more (Count)."""
    ACTIONS_GENERATED = "ActionsGenerated"
    """Actions whose tasks were generated (Count)."""
    FAILED_ATTEMPTS = "FailedAttempts"
    """Attempts at an action that ended in an error, retried or not (Count)."""
    REPAIRS = "Repairs"
    """Second turns of the model over an invalid answer (Count)."""
    ANSWERS_COERCED = "AnswersCoerced"
    """Answers that were not in the form that was asked for, and could be read (Count)."""
    MODEL_LATENCY = "ModelLatency"
    """Time of one model call that was answered (Milliseconds)."""
    MODEL_THROTTLES = "ModelThrottles"
    """Model calls that Bedrock throttled (Count)."""
    INPUT_TOKENS = "InputTokens"
    """Tokens in (Count)."""
    OUTPUT_TOKENS = "OutputTokens"
    """Tokens out (Count)."""
    COST_USD = "CostUsd"
    """What the tokens cost (None: US dollars)."""
    TABLE_USER_ERRORS = "TableUserErrors"
    """Our requests that DynamoDB refused as wrong; no failed condition, no throttling (Count).

    AWS's own UserErrors is counted per account and region, not per table.
    """
    RECONCILE_LAG = "ReconcileLag"
    """At each sweep: how long the oldest execution still open is past its deadline (Seconds; 0)."""
    EXECUTIONS_HEALED = "ExecutionsHealed"
    """Executions that reconcile, not their own run, had to end (Count)."""
    API_UNAVAILABLE = "ApiUnavailable"
    """Answers 503 of ours (Count)."""
    API_FAILED = "ApiFailed"
    """Answers 500 of ours (Count)."""
    SLACK_MESSAGES = "SlackMessages"
    """Messages that Slack took (Count)."""
    SLACK_FAILURES = "SlackFailures"
    """Tries that Slack refused or did not answer (Count)."""


BROKEN_DOWN = {
    Metric.EXECUTIONS_ENDED: Dimension.STATUS,
    Metric.ACTIONS_FAILED: Dimension.ERROR_CODE,
    Metric.FAILED_ATTEMPTS: Dimension.ERROR_CODE,
}
"""Metric -> the dimension by which it exists beside `environment`, too."""

_UNITS = {
    Metric.FAILED_ACTIONS_SHARE: "Percent",
    Metric.MODEL_LATENCY: "Milliseconds",
    Metric.COST_USD: "None",
    Metric.RECONCILE_LAG: "Seconds",
}


def unit(metric: Metric) -> str:
    """The metric's unit, as CloudWatch calls it."""
    return _UNITS.get(metric, "Count")
