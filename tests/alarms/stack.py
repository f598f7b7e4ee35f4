"""The stack whose alarms are proven: everything that can be watched is there."""

import json

from components.monitoring.alarms import alarms, composite_alarms
from components.names import Names
from components.settings import parse
from localcloud.aws.cloudwatch.alarm_definitions import (
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)

STACK = "prod"
CONFIG = {
    "databaseUrl": "postgresql://throwaway:hunter2@db.invalid/goals",
    "jwtSecret": "a-throwaway-jwt-secret-of-some-length",
    "slackWebhook": "https://hooks.invalid/throwaway-webhook",
    # without these two there is no capacity to run out of
    "table": json.dumps({"billing": "provisioned"}),
    "generation": json.dumps({"reservedConcurrency": 25}),
}
NAMES = Names(STACK, "123456789012", "ap-northeast-1")
SETTINGS = parse(
    {
        "environment": STACK,
        "account_id": NAMES.account,
        "region": NAMES.region,
        "database_url": CONFIG["databaseUrl"],
        "jwt_secret": CONFIG["jwtSecret"],
        "slack_webhook": CONFIG["slackWebhook"],
        "table": CONFIG["table"],
        "generation": CONFIG["generation"],
    },
    {},
)
ALARMS = {alarm.name: alarm for alarm in alarms(NAMES, SETTINGS)}
COMPOSITES = {alarm.name: alarm for alarm in composite_alarms(NAMES, SETTINGS)}

Declared = dict[str, MetricAlarmDefinition | CompositeAlarmDefinition]
"""Alarms by name, from the inputs that Pulumi gets."""
