"""Why an alarm changed its state: CloudWatch's sentence, and the same as data.

(Worded as recorded messages are; the data is DescribeAlarms' StateReasonData.)
"""

import json
from datetime import UTC, datetime

from localcloud.aws.cloudwatch.alarms import MetricAlarm, Missing, State
from localcloud.aws.cloudwatch.evaluation import Judgement
from localcloud.aws.cloudwatch.notifications import timestamp

_WORDS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_TREATED = {Missing.BREACHING: "Breaching", Missing.NOT_BREACHING: "NonBreaching"}


def reason(alarm: MetricAlarm, judgement: Judgement, old: State, new: State) -> str:
    """CloudWatch's StateReason."""
    if new is State.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_counted(judgement.missing)} unknown."
    treated = _TREATED.get(alarm.missing)
    filled = f"{_counted(judgement.missing, 'missing ')} treated as [{treated}]"
    if not judgement.points:
        periods = f"{alarm.periods} period{'s' if alarm.periods > 1 else ''}"
        return f"Threshold Crossed: no datapoints were received for {periods} and {filled}."
    shown = ", ".join(
        f"{value!r} ({datetime.fromtimestamp(start, UTC):%d/%m/%y %H:%M:%S})"
        for start, value in judgement.points
    )
    crossed = new is State.ALARM
    needed = alarm.points if crossed else alarm.periods - alarm.points + 1
    plural = len(judgement.points) > 1
    return (
        f"Threshold Crossed: {len(judgement.points)} out of the last {alarm.periods} datapoints"
        f" [{shown}] {'were' if plural else 'was'}{'' if crossed else ' not'}"
        f" {_WORDS[alarm.comparison]} the threshold ({alarm.threshold!r})"
        + (f" and {filled}" if judgement.missing and treated else "")
        + f" (minimum {needed} datapoint{'s' if needed > 1 else ''} for {old} -> {new} transition)."
    )


def reason_data(alarm: MetricAlarm, judgement: Judgement, at: float) -> str:
    """CloudWatch's StateReasonData, as JSON."""
    watched = alarm.metrics.get(alarm.watched)
    points = judgement.points
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": _moment(at),
            **({"startDate": _moment(points[-1][0])} if points else {}),
            **({"statistic": watched.statistic} if watched else {}),
            "period": alarm.period,
            "recentDatapoints": [value for _, value in reversed(points)],
            "threshold": alarm.threshold,
            "evaluatedDatapoints": [
                {"timestamp": _moment(start), "value": value} for start, value in points
            ],
        }
    )


def _moment(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))


def _counted(number: int, kind: str = "") -> str:
    return f"{number} {kind}datapoint{'s were' if number > 1 else ' was'}"
