"""Mutants for `policies.rules.alarms.statistics`."""

from typing import Any

from tests.policies.added_alarm import alarm
from tests.policies.mutants.alarms.firing import START, band, on
from tests.policies.mutants.alarms.metrics import FAILURE_RATE, START_ERRORS
from tests.policies.mutate import REMOVED, Mutant, set_input

EVALUATION, STATISTIC = "alarm-evaluation", "alarm-statistic"
_TIME = "alarms-workflow-execution-time-high"


def _percentile(name: str) -> Any:
    return alarm(
        metricName=name, statistic=REMOVED, extendedStatistic="p99", threshold=900, dimensions=START
    )


MUTANTS = (
    Mutant(EVALUATION, "3 of 2 datapoints", alarm(evaluationPeriods=2, datapointsToAlarm=3)),
    Mutant(EVALUATION, "0 of 2 datapoints", alarm(evaluationPeriods=2, datapointsToAlarm=0)),
    Mutant(EVALUATION, "2 of 2 datapoints", alarm(evaluationPeriods=2, datapointsToAlarm=2), True),
    Mutant(
        EVALUATION,
        "an expression over an id that no query has",
        set_input(START_ERRORS, "metricQueries.2.expression", "100 * errors / invocations"),
    ),
    Mutant(EVALUATION, "an expression that does not parse", on("errors / (calls")),
    Mutant(EVALUATION, "an expression with Python's words", on("errors if calls else calls")),
    Mutant(EVALUATION, "a function that CloudWatch does not have", on("TOTAL([errors, calls])")),
    Mutant(EVALUATION, "a search, which no alarm may use", on("SEARCH('Errors', 'Sum', 300)")),
    Mutant(EVALUATION, "FILL without its value", on("FILL(errors)")),
    Mutant(EVALUATION, "an expression computed from itself", on("e + errors")),
    Mutant(
        EVALUATION,
        "two queries that return data",
        set_input(START_ERRORS, "metricQueries.0.returnData", value=True),
    ),
    Mutant(
        EVALUATION,
        "no query that returns data",
        set_input(START_ERRORS, "metricQueries.2.returnData", value=False),
    ),
    Mutant(
        EVALUATION,
        "an id that begins with a capital",
        set_input(FAILURE_RATE, "metricQueries.0.id", "Failed"),
    ),
    Mutant(EVALUATION, "a band that no query has", band("GreaterThanUpperThreshold", "limits")),
    Mutant(EVALUATION, "metric math in its other spelling", on("IF(errors>1 && calls>2, 1)"), True),
    Mutant(EVALUATION, "METRICS()", on("SUM(METRICS())"), True),
    Mutant(EVALUATION, "an anomaly alarm", band("GreaterThanUpperThreshold"), True),
    Mutant(STATISTIC, "a percentile of errors", _percentile("Errors")),
    Mutant(STATISTIC, "the sum of durations", alarm(metricName="Duration", threshold=900)),
    Mutant(STATISTIC, "the fastest call", alarm(metricName="Duration", statistic="Minimum")),
    Mutant(STATISTIC, "the sum of levels", alarm(metricName="ConcurrentExecutions")),
    Mutant(
        STATISTIC,
        "the average of a count in a rate",
        set_input(FAILURE_RATE, "metricQueries.0.metric.stat", "Average"),
    ),
    Mutant(
        STATISTIC,
        "the tenth percentile of durations",
        set_input(
            "alarms-lambda-near-timeout-workflow-start", "metricQueries.0.metric.stat", "p10"
        ),
    ),
    Mutant(STATISTIC, "no statistic", alarm(statistic=REMOVED)),
    Mutant(STATISTIC, "Mean", alarm(statistic="Mean")),
    Mutant(STATISTIC, "a percentile of durations", _percentile("Duration"), True),
    Mutant(STATISTIC, "the average of errors", alarm(statistic="Average", threshold=0.05), True),
    Mutant(
        STATISTIC,
        "a percentile that few calls do not change",
        set_input(_TIME, "evaluateLowSampleCountPercentiles", "ignore"),
    ),
    Mutant(
        STATISTIC,
        "a percentile of few calls",
        set_input(_TIME, "evaluateLowSampleCountPercentiles", "evaluate"),
        near_miss=True,
    ),
)
