"""The stack whose alarms are tested, with everything that can be watched."""

import json

from components.monitoring.monitoring import Monitoring
from components.settings import parse
from localcloud.aws.cloudwatch.alarm_definitions import (
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)
from tests.components.conftest import CONFIG as SECRETS_BY_KEY
from tests.components.conftest import OF_DEV, SECRETS

STACK = "prod"
# Without the first two there is no capacity to run out of.
OPTIONS = {
    "table": json.dumps({"billing": "provisioned"}),
    "generation": json.dumps({"reservedConcurrency": 25}),
    "backups": json.dumps({"enabled": True}),
}
CONFIG = {**SECRETS_BY_KEY, **OPTIONS}
SETTINGS = parse(
    {**OF_DEV, **SECRETS, **OPTIONS, "environment": STACK, "browser_client": "false"}, {}
)
NAMES = SETTINGS.names
_MONITORING = Monitoring(NAMES, SETTINGS)
ALARMS = {alarm.name: alarm for alarm in _MONITORING.alarms}
COMPOSITES = {composite.name: composite for composite in _MONITORING.composites}

Declared = dict[str, MetricAlarmDefinition | CompositeAlarmDefinition]
"""Alarms by name, from the inputs that Pulumi gets."""
