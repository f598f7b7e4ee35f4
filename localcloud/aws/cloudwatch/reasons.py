"""Why an alarm changed its state: CloudWatch's sentence, and the same as data.

(The wording is that of recorded messages; the data is DescribeAlarms' StateReasonData.)
"""

import json
from datetime import UTC, datetime

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmState,
    MetricAlarmDefinition,
    MissingData,
)
from localcloud.aws.cloudwatch.evaluation import AlarmEvaluation
from localcloud.aws.cloudwatch.notifications import timestamp

_COMPARISONS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED_AS = {MissingData.BREACHING: "Breaching", MissingData.NOT_BREACHING: "NonBreaching"}


def reason(
    alarm: MetricAlarmDefinition, evaluation: AlarmEvaluation, old: AlarmState, new: AlarmState
) -> str:
    """CloudWatch's StateReason."""
    if new is AlarmState.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_counted(evaluation.missing)} unknown."
    treated_as = _TREATED_AS.get(alarm.missing_data)
    filled = f"{_counted(evaluation.missing, 'missing ')} treated as [{treated_as}]"
    periods = alarm.evaluation_periods
    if not evaluation.datapoints:
        number = f"{periods} period{'s' if periods > 1 else ''}"
        return f"Threshold Crossed: no datapoints were received for {number} and {filled}."
    shown = ", ".join(
        f"{value!r} ({datetime.fromtimestamp(start, UTC):%d/%m/%y %H:%M:%S})"
        for start, value in evaluation.datapoints
    )
    crossed = new is AlarmState.ALARM
    needed = alarm.datapoints_to_alarm if crossed else periods - alarm.datapoints_to_alarm + 1
    plural = len(evaluation.datapoints) > 1
    return (
        f"Threshold Crossed: {len(evaluation.datapoints)} out of the last {periods} datapoints"
        f" [{shown}] {'were' if plural else 'was'}{'' if crossed else ' not'}"
        f" {_COMPARISONS[alarm.comparison_operator]} the threshold ({alarm.threshold!r})"
        + (f" and {filled}" if evaluation.missing and treated_as else "")
        + f" (minimum {needed} datapoint{'s' if needed > 1 else ''} for {old} -> {new} transition)."
    )


def reason_data(alarm: MetricAlarmDefinition, evaluation: AlarmEvaluation, at: float) -> str:
    """CloudWatch's StateReasonData, as JSON."""
    watched = alarm.metrics.get(alarm.watched_id)
    datapoints = evaluation.datapoints
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": _moment(at),
            **({"startDate": _moment(datapoints[-1][0])} if datapoints else {}),
            **({"statistic": watched.statistic} if watched else {}),
            "period": alarm.period,
            "recentDatapoints": [value for _, value in reversed(datapoints)],
            "threshold": alarm.threshold,
            "evaluatedDatapoints": [
                {"timestamp": _moment(start), "value": value} for start, value in datapoints
            ],
        }
    )


def _moment(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))


def _counted(number: int, kind: str = "") -> str:
    return f"{number} {kind}datapoint{'s were' if number > 1 else ' was'}"
