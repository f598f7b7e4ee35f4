"""Mutants for `policies.rules.alarms.firing`."""

from typing import Any

from tests.policies.added_alarm import alarm
from tests.policies.mutants.alarms.metrics import FAILURE_RATE, START_ERRORS, states
from tests.policies.mutate import REMOVED, UNKNOWN, Mutant, set_input, unchanged

FIRES, MISSING = "alarm-can-fire", "alarm-missing-data"
START = {"FunctionName": "goal-mandala-prod-workflow-start"}
SILENT = "alarms-workflow-reconcile-silent"
LESS = "LessThanThreshold"


def metric(id_: str, name: str, stat: str = "Sum", *, returned: bool = False) -> Any:
    """A query on a metric of the function workflow-start."""
    of = {"namespace": "AWS/Lambda", "metricName": name, "stat": stat, "period": 300}
    return {"id": id_, "metric": {**of, "dimensions": START}, "returnData": returned}


def expression(text: str) -> Any:
    """A query on an expression, which the alarm compares."""
    return {"id": "e", "expression": text, "returnData": True}


def on(text: str, **changed: Any) -> Any:
    """An alarm on an expression over the errors and calls of workflow-start."""
    queries = [metric("errors", "Errors"), metric("calls", "Invocations"), expression(text)]
    one = dict.fromkeys(("namespace", "metricName", "statistic", "period"), REMOVED)
    return alarm(**{**one, "metricQueries": queries, **changed})


def band(operator: str, id_: str = "band") -> Any:
    """An alarm on an anomaly of the calls of workflow-start."""
    limits = {"id": "band", "expression": "ANOMALY_DETECTION_BAND(m, 2)", "returnData": True}
    queries = [metric("m", "Invocations", returned=True), limits]
    return on(
        "",
        metricQueries=queries,
        thresholdMetricId=id_,
        threshold=REMOVED,
        comparisonOperator=operator,
    )


def duration(threshold: float, **changed: Any) -> Any:
    """An alarm on the duration of workflow-start."""
    return alarm(
        metricName="Duration",
        statistic="Average",
        threshold=threshold,
        dimensions=START,
        **changed,
    )


MUTANTS = (
    Mutant(
        FIRES, "a rate in percent with threshold 1000", set_input(START_ERRORS, "threshold", 1000)
    ),
    Mutant(
        FIRES, "a rate in percent with threshold 100", set_input(START_ERRORS, "threshold", 100)
    ),
    Mutant(FIRES, "a rate in percent with threshold 0", set_input(START_ERRORS, "threshold", 0)),
    Mutant(
        FIRES, "a rate with its share's factor outside", on("errors / calls * 100", threshold=100)
    ),
    Mutant(
        FIRES,
        "a percentage of the handlers with threshold 100",
        alarm(
            namespace="GoalMandala/Workflow",
            metricName="FailedActionsShare",
            statistic="Average",
            threshold=100,
            dimensions={"environment": "prod"},
        ),
    ),
    Mutant(FIRES, "errors a call, with a threshold in percent", on("errors / calls", threshold=5)),
    Mutant(
        FIRES,
        "errors a call over a floor, with a threshold in percent",
        on("IF(calls > 9, errors / calls, 0)", threshold=5),
    ),
    Mutant(FIRES, "the average of errors above 5", alarm(statistic="Average", threshold=5)),
    Mutant(
        FIRES,
        "a count that is always at least 0",
        alarm(threshold=0, comparisonOperator="GreaterThanOrEqualToThreshold"),
    ),
    Mutant(FIRES, "a count below 0", alarm(threshold=0, comparisonOperator=LESS)),
    Mutant(FIRES, "a negative threshold", alarm(threshold=-1)),
    Mutant(FIRES, "no threshold", alarm(threshold=REMOVED)),
    Mutant("preview-inputs-known", "a threshold that is not known yet", alarm(threshold=UNKNOWN)),
    Mutant(FIRES, "an operator that CloudWatch does not have", alarm(comparisonOperator=">")),
    Mutant(FIRES, "few failed executions", states(comparisonOperator=LESS)),
    Mutant(FIRES, "a low failure rate", set_input(FAILURE_RATE, "comparisonOperator", LESS)),
    Mutant(FIRES, "short calls", duration(900, comparisonOperator=LESS)),
    Mutant(FIRES, "a switch of 0 or 1 above 1", set_input(SILENT, "threshold", 1)),
    Mutant(
        FIRES,
        "a switch of 0 or 1, reversed",
        set_input("alarms-slack-failing", "comparisonOperator", LESS),
    ),
    Mutant(FIRES, "30 as the threshold of a duration in milliseconds", duration(30)),
    Mutant(FIRES, "an anomaly alarm with another comparison", band("GreaterThanThreshold")),
    Mutant(FIRES, "an anomaly alarm", band("LessThanLowerOrGreaterThanUpperThreshold"), True),
    Mutant(FIRES, "900 ms, the objective of a status page", duration(900), True),
    Mutant(
        FIRES,
        "30,000 ms",
        alarm(metricName="Duration", statistic="Average", threshold=30_000),
        True,
    ),
    Mutant(
        FIRES, "a rate in percent with threshold 99", set_input(START_ERRORS, "threshold", 99), True
    ),
    Mutant(FIRES, "too few calls", alarm(metricName="Invocations", comparisonOperator=LESS), True),
    Mutant(FIRES, "many calls", alarm(metricName="Invocations", threshold=100_000), True),
    Mutant(FIRES, "calls an error", on("calls / errors", threshold=5), True),
    Mutant(FIRES, "errors a call", on("errors / calls", threshold=0.05), True),
    Mutant(FIRES, "the program as it is", unchanged, True),
    Mutant(MISSING, "silence taken as good", set_input(SILENT, "treatMissingData", "notBreaching")),
    Mutant(
        MISSING, "failures taken as bad where there are none", alarm(treatMissingData="breaching")
    ),
    Mutant(MISSING, "a state that is kept through the night", alarm(treatMissingData="ignore")),
    Mutant(
        MISSING,
        "too few calls, where none is no data",
        alarm(metricName="Invocations", comparisonOperator=LESS),
    ),
    Mutant(
        MISSING,
        "too few calls, where none is bad",
        alarm(metricName="Invocations", comparisonOperator=LESS, treatMissingData="breaching"),
        True,
    ),
    Mutant(MISSING, "an anomaly alarm", band("LessThanLowerThreshold"), True),
)
