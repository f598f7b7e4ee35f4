"""Mutants for `policies.rules.monitoring.alarms`."""

import json
from collections.abc import Callable

from tests.policies.added_alarm import alarm
from tests.policies.mutate import (
    REMOVED,
    Change,
    Mutant,
    all_changes,
    edit_input,
    set_input,
    unchanged,
    without,
)

EXPECTED, MISSING = "monitoring-alarms-as-expected", "monitoring-no-alarm-missing"
FAILURES = "alarms-workflow-failure-rate-high"
TIMEOUTS = "alarms-workflow-timeout-high"
IN_VAIN = "alarms-workflow-none-succeed"
ACTIONS = "alarms-workflow-failed-actions-high"
MODEL = "alarms-model-failure-rate-high"
SILENT = "alarms-workflow-reconcile-silent"
LAG = "alarms-workflow-reconcile-lag-high"
SLACK = "alarms-slack-failing"
ARCHIVE_SILENT = "alarms-workflow-archive-silent"
ARCHIVE_LAG = "alarms-workflow-archive-lag-high"
ARCHIVE_RAN = "alarms-workflow-archive-ran"
START_ERRORS = "alarms-lambda-error-rate-high-workflow-start"
NEAR_TIMEOUT = "alarms-lambda-near-timeout-task-generation"
TABLE = "alarms-table-throttled"
API = "alarms-api-error-rate-high"
COST = "alarms-model-cost-high"


def expression(name: str, number: int, edited: Callable[[str], str]) -> Change:
    """Edit an expression of an alarm."""
    return edit_input(name, f"metricQueries.{number}.expression", edited)


def replaced(name: str, number: int, old: str, new: str) -> Change:
    """Replace a part of an expression, which has to be there."""

    def edited(text: str) -> str:
        assert old in text, text
        return text.replace(old, new)

    return expression(name, number, edited)


def period(name: str, seconds: int) -> Change:
    """Set the period of all of an alarm's metrics."""

    def edited(queries: list[dict[str, dict[str, object]]]) -> list[dict[str, dict[str, object]]]:
        return [
            {**each, "metric": {**each["metric"], "period": seconds}} if "metric" in each else each
            for each in queries
        ]

    return edit_input(name, "metricQueries", edited)


def alarms(**numbers: float) -> dict[str, str]:
    """The configuration with settings of alarms."""
    return {"goal-mandala:alarms": json.dumps(numbers)}


_MUTANTS = (
    ("archive: silence is missed for a week", period(ARCHIVE_SILENT, 604_800)),
    ("archive: silence is good", set_input(ARCHIVE_SILENT, "treatMissingData", "notBreaching")),
    ("archive: a lag of an hour", set_input(ARCHIVE_LAG, "threshold", 3600)),
    ("archive: a lag of a month", set_input(ARCHIVE_LAG, "threshold", 2_592_000)),
    ("archive: it has never run", set_input(ARCHIVE_RAN, "treatMissingData", "breaching")),
    (
        "archive: dead letters of another queue",
        set_input(
            "alarms-archive-dead-letters",
            "metricQueries.0.metric.dimensions.QueueName",
            "goal-mandala-prod-slack-dead-letters",
        ),
    ),
    ("failures: from 1 % of executions on", set_input(FAILURES, "threshold", 1)),
    ("failures: only from 90 % on", set_input(FAILURES, "threshold", 90)),
    ("failures: only if all periods are bad", set_input(FAILURES, "datapointsToAlarm", REMOVED)),
    ("failures: over five hours", period(FAILURES, 9000)),
    (
        "failures: one metric over another time",
        set_input(FAILURES, "metricQueries.0.metric.period", 300),
    ),
    (
        "failures: aborted executions in place of failed ones",
        set_input(FAILURES, "metricQueries.0.metric.metricName", "ExecutionsAborted"),
    ),
    (
        "failures: time-outs twice, failures never",
        set_input(FAILURES, "metricQueries.0.metric.metricName", "ExecutionsTimedOut"),
    ),
    (
        "failures: the average of a metric that is counted",
        set_input(FAILURES, "metricQueries.0.metric.stat", "Average"),
    ),
    ("failures: the condition turned round", replaced(FAILURES, 4, "ended >= 5", "ended <= 5")),
    ("failures: the floor is gone", replaced(FAILURES, 4, ">= 5", ">= 1")),
    ("failures: a floor that nothing reaches", replaced(FAILURES, 4, "ended >= 5", "ended >= 999")),
    ("failures: a share of 1 in place of percent", replaced(FAILURES, 4, "100 * ", "")),
    ("failures: half the percentage", replaced(FAILURES, 4, "100 * ", "50 * ")),
    ("failures: of the failed ones only", replaced(FAILURES, 4, "/ ended", "/ FILL(failed, 0)")),
    ("failures: what the time-outs' alarm computes", replaced(TIMEOUTS, 4, "timedOut", "failed")),
    ("none succeed: mixed signs", replaced(IN_VAIN, 3, "- 1000000", "+ 1000000")),
    ("none succeed: aborted ones count as tried", replaced(IN_VAIN, 3, "- FILL(aborted, 0)", "")),
    ("none succeed: a small factor", replaced(IN_VAIN, 3, "1000000", "10")),
    ("none succeed: a single one is enough", replaced(IN_VAIN, 3, ">= 2", ">= 1")),
    ("none succeed: after one period", set_input(IN_VAIN, "datapointsToAlarm", 1)),
    ("none succeed: shorter than an execution", period(IN_VAIN, 300)),
    (
        "actions: saved in place of failed",
        replaced(ACTIONS, 3, "100 * FILL(failed", "100 * FILL(saved"),
    ),
    ("model: throttling counts as failure", replaced(MODEL, 3, " - FILL(throttled, 0)", "")),
    (
        "model: for 10 of 10 periods",
        all_changes(
            set_input(MODEL, "evaluationPeriods", 10), set_input(MODEL, "datapointsToAlarm", 10)
        ),
    ),
    (
        "silence: after an hour and a half",
        all_changes(
            set_input(SILENT, "evaluationPeriods", 90), set_input(SILENT, "datapointsToAlarm", 90)
        ),
    ),
    ("silence: turned round", replaced(SILENT, 1, "1, 0)", "0, 1)")),
    (
        "swept: on again where nothing is counted",
        expression("alarms-workflow-reconcile-swept", 1, lambda _: "IF(FILL(sweeps, 0) < 1, 1, 0)"),
    ),
    ("lag: an hour", set_input(LAG, "threshold", 3600)),
    ("Slack: messages taken hide nothing", replaced(SLACK, 2, "- 1000000", "- 0")),
    (
        "errors of another function",
        set_input(
            START_ERRORS,
            "metricQueries.0.metric.dimensions.FunctionName",
            "goal-mandala-prod-workflow-status",
        ),
    ),
    (
        "errors of all functions together",
        set_input(START_ERRORS, "metricQueries.0.metric.dimensions", REMOVED),
    ),
    (
        "time-out: the average call",
        set_input(NEAR_TIMEOUT, "metricQueries.0.metric.stat", "Average"),
    ),
    ("time-out: at 10 % of it", set_input(NEAR_TIMEOUT, "threshold", 12_000)),
    (
        "throttles: an index is not watched",
        set_input(
            TABLE, "metricQueries.1.metric.dimensions.GlobalSecondaryIndexName", "userId-index"
        ),
    ),
    ("throttles: reads are not counted", replaced(TABLE, 8, "FILL(r0, 0), ", "")),
    (
        "requests: missing ones hide the errors",
        replaced(API, 2, "FILL(errors, 0) >= 5", "errors > 99"),
    ),
    ("cost: of an hour", period(COST, 3600)),
    ("cost: a hundred dollars", set_input(COST, "threshold", 100)),
    ("notices: at the first bad period", set_input(START_ERRORS, "datapointsToAlarm", 1)),
    ("an expression that cannot be tried", expression(SILENT, 1, lambda _: "RATE(sweeps)")),
)

_NEAR_MISSES: tuple[tuple[str, Change, dict[str, str]], ...] = (
    ("the program as it is", unchanged, {}),
    ("failures: from 8 % of executions on", set_input(FAILURES, "threshold", 8), {}),
    (
        "failures: from 70 % on, as the setting says",
        set_input(FAILURES, "threshold", 70),
        alarms(failureRate=70),
    ),
    ("failures: periods of 5 minutes", period(FAILURES, 300), {}),
    (
        "failures: no FILL where a missing value means that nothing failed",
        replaced(FAILURES, 4, "FILL(failed, 0)", "failed"),
        {},
    ),
    ("failures: a floor of 8", replaced(FAILURES, 4, ">= 5", ">= 8"), {}),
    (
        "failures: no floor, as the settings say",
        replaced(FAILURES, 4, ">= 5", ">= 1"),
        alarms(minimumRuns=1, minimumFailures=1),
    ),
    (
        "failures: the same, written otherwise",
        expression(
            FAILURES,
            4,
            lambda _: (
                "IF(SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(succeeded, 0)]) > 9 AND"
                " FILL(failed, 0) > 4, FILL(failed, 0) / ended * 100, 0)"
            ),
        ),
        {},
    ),
    (
        "time-out: the 99th percentile",
        set_input(NEAR_TIMEOUT, "metricQueries.0.metric.stat", "p99"),
        {},
    ),
    ("an alarm of another name", alarm(), {}),
    ("archive: a lag of two days", set_input(ARCHIVE_LAG, "threshold", 172_800), {}),
)

MUTANTS = (
    *(Mutant(EXPECTED, what, change) for what, change in _MUTANTS),
    *(
        Mutant(EXPECTED, what, change, near_miss=True, config=config)
        for what, change, config in _NEAR_MISSES
    ),
    Mutant(MISSING, "no alarm on failures", without(FAILURES)),
    Mutant(
        MISSING,
        "one function's throttles twice, another's never",
        set_input(
            "alarms-functions-throttled",
            "metricQueries.0.metric.dimensions.FunctionName",
            "goal-mandala-prod-workflow-status",
        ),
    ),
    Mutant(MISSING, "no alarm on a silent archive", without(ARCHIVE_SILENT)),
    Mutant(
        MISSING, "no alarm on the account's concurrency", without("alarms-account-concurrency-high")
    ),
    Mutant(
        MISSING,
        "an alarm under another name",
        set_input(IN_VAIN, "name", "goal-mandala-prod-workflow-no-success"),
    ),
    Mutant(MISSING, "the program as it is", unchanged, near_miss=True),
    Mutant(MISSING, "an alarm more", alarm(), near_miss=True),
)
