"""The alarms of a stack as the program declares them."""

import pytest

from declared.program import evaluate
from localcloud.aws.cloudwatch.alarm_definitions import parse_composite_alarm, parse_metric_alarm
from tests.alarms.stack import CONFIG, STACK, Declared


@pytest.fixture(scope="session")
def declared() -> Declared:
    """Every alarm of the stack by name, from the inputs that Pulumi would get."""
    of_type = {
        "aws:cloudwatch/metricAlarm:MetricAlarm": parse_metric_alarm,
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": parse_composite_alarm,
    }
    resources = evaluate(STACK, CONFIG).resources
    alarms = [of_type[each.type](each.inputs) for each in resources if each.type in of_type]
    return {alarm.name: alarm for alarm in alarms}
