"""One more alarm for the program: a valid one, with changes."""

from policies.stack import resource_types
from tests.policies.mutate import REMOVED, Change, declare
from tests.policies.names import ALERTS_ARN

ALARM = {
    "name": "goal-mandala-prod-errors",
    "namespace": "AWS/Lambda",
    "metricName": "Errors",
    "statistic": "Sum",
    "period": 60,
    "threshold": 1,
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 1,
    "treatMissingData": "notBreaching",
    "alarmActions": [ALERTS_ARN],
}
DEPENDENCIES = ("alerting-alerts-policy", "keys-key")
"""What has to exist before an alarm on the topic for operators."""


def alarm(**changed: object) -> Change:
    """Declare the alarm with some inputs changed or REMOVED."""
    inputs = {key: value for key, value in {**ALARM, **changed}.items() if value is not REMOVED}
    return declare(resource_types.ALARM, "errors", inputs, after=DEPENDENCIES)
