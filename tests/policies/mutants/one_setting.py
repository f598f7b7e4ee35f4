"""Mutants with one setting changed: of rules, queues, the API, functions, data, users, alarms."""

import json
from typing import Any

from tests.policies.mutate import Mutant, edit_input, set_input
from tests.policies.names import GENERATE, MACHINE, ROUTE, TABLE, TABLE_ARN

_LIVE = "functions-task-generation-live"
_FAILURES, _TIME = "alarms-workflow-failure-rate-high", "alarms-workflow-timeout-high"
_CLIENT, _POOL = "users-client", "users-pool"

SETTINGS: tuple[tuple[str, str, str, Any], ...] = (
    # policy, resource, path, value
    ("resilience-rules-on", "reconciliation-sweep", "isEnabled", False),
    ("wiring-dead-executions-found", "reconciliation-sweep-target", "input", "{}"),
    ("wiring-dead-executions-found", "reconciliation-ended-target", "inputPath", "$.detail.input"),
    ("wiring-dead-executions-found", "reconciliation-ended", "eventBusName", "other"),
    ("expected-functions", "reconciliation-ended-target", "retryPolicy.maximumRetryAttempts", 0),
    ("expected-functions", "slack-mapping", "maximumBatchingWindowInSeconds", 300),
    ("expected-functions", "slack-mapping", "scalingConfig", {"maximumConcurrency": 1000}),
    ("expected-functions", GENERATE, "ephemeralStorage", {"size": 10_240}),
    ("expected-functions", "workflow-role", "maxSessionDuration", 43_200),
    (
        "expected-functions",
        "functions-task-generation-warm",
        "provisionedConcurrentExecutions",
        5000,
    ),
    ("resilience-mapped-queue", "slack-mapping", "functionResponseTypes", []),
    (
        "wiring-dead-letters-kept",
        "slack-dead-letters",
        "redriveAllowPolicy",
        json.dumps({"redrivePermission": "denyAll"}),
    ),
    ("boundary-no-second-source", "slack-queue", "fifoQueue", True),
    ("boundary-no-second-source", "api-stage", "stageVariables", {"lambda": "other"}),
    ("boundary-no-second-source", "workflow-role", "path", "/admin/"),
    ("expected-api", "api-stage", "autoDeploy", False),
    (
        "wiring-only-declared-routes",
        "api-workflow-start",
        "requestParameters",
        {"overwrite:header.Authorization": "x"},
    ),
    (
        "wiring-only-declared-routes",
        "api-workflow-start",
        "requestParameters",
        {"overwrite:querystring.userId": "$request.querystring.as"},
    ),
    ("wiring-one-authorizer", ROUTE, "authorizationScopes", ["admin"]),
    (
        "wiring-numbered-versions",
        _LIVE,
        "routingConfig",
        {"additionalVersionWeights": {"$LATEST": 0.5}},
    ),
    ("wiring-numbered-versions", _LIVE, "functionVersion", "$LATEST"),
    (
        "observability-log-groups",
        GENERATE,
        "loggingConfig",
        {"logFormat": "Text", "logGroup": "/aws/lambda/goal-mandala-prod-workflow-start"},
    ),
    (
        "wiring-logs-carry-metrics",
        GENERATE,
        "loggingConfig",
        {"logFormat": "JSON", "applicationLogLevel": "FATAL"},
    ),
    ("observability-traced", GENERATE, "tracingConfig.mode", "PassThrough"),
    ("observability-machine-log", MACHINE, "loggingConfiguration.includeExecutionData", True),
    ("access-user-pool", _POOL, "adminCreateUserConfig.allowAdminCreateUserOnly", False),
    ("expected-users", _CLIENT, "writeAttributes", ["custom:admin", "email"]),
    ("expected-users", _CLIENT, "writeAttributes", ["email", "phone_number_verified"]),
    ("expected-users", _CLIENT, "accessTokenValidity", 24),
    ("expected-users", _CLIENT, "tokenValidityUnits", {"idToken": "days", "accessToken": "days"}),
    (
        "expected-users",
        "users-admin",
        "roleArn",
        "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
    ),
    ("backups-made", "backups-table", "notResources", [TABLE_ARN]),
    (
        "backups-made",
        "backups-table",
        "conditions",
        [{"stringEquals": [{"key": "aws:ResourceTag/x", "value": "y"}]}],
    ),
    ("bucket-kept", "archive-lifecycle", "rules.0.filter.prefix", "execution/"),
    (
        "bucket-kept",
        "archive-lifecycle",
        "rules.0.transitions",
        [{"days": 1, "storageClass": "DEEP_ARCHIVE"}],
    ),
    ("bucket-kept", "archive-bucket", "forceDestroy", True),
    ("backups-vault", "backups-vault", "forceDestroy", True),
    ("expected-storage", TABLE, "billingMode", "PROVISIONED"),
    (
        "expected-storage",
        TABLE,
        "onDemandThroughput",
        {"maxReadRequestUnits": 1, "maxWriteRequestUnits": 1},
    ),
    ("wiring-deletion-window", "keys-key", "multiRegion", True),
    ("wiring-deletion-window", "keys-key", "bypassPolicyLockoutSafetyCheck", True),
    ("wiring-deletion-window", "keys-key", "keyUsage", "SIGN_VERIFY"),
    ("encryption-key-rotation", "keys-key", "isEnabled", False),
    ("resilience-protected", "secrets-database-url", "recoveryWindowInDays", 0),
    ("observability-alarm-actions", "alarms-outage", "actionsEnabled", False),
    ("alarm-missing-data", _FAILURES, "treatMissingData", "breaching"),
    ("alarm-can-fire", _TIME, "unit", "Bytes"),
    ("alarm-can-fire", _FAILURES, "metricQueries.0.metric.unit", "Seconds"),
    ("observability-alarm-sound", _FAILURES, "metricQueries.0.metric.period", 7),
    ("alarm-evaluation", _FAILURES, "metricQueries.1.returnData", True),
    (
        "boundary-declared-names",
        "alarms-notices",
        "actionsSuppressor",
        {"alarm": "goal-mandala-prod-nope", "extensionPeriod": 10, "waitPeriod": 10},
    ),
    (
        "wiring-subscription-unfiltered",
        "slack-alerts",
        "filterPolicy",
        json.dumps({"x": ["y"]}),
    ),
    ("monitoring-people-are-told", "slack-alerts", "rawMessageDelivery", True),
)

_RIGHT: tuple[tuple[str, str, str, Any], ...] = (
    ("expected-functions", "workflow-role", "maxSessionDuration", 7200),
    ("expected-users", _CLIENT, "writeAttributes", ["email", "name"]),
    (
        "expected-users",
        _POOL,
        "accountRecoverySetting",
        {"recoveryMechanisms": [{"name": "admin_only", "priority": 1}]},
    ),
    (
        "bucket-kept",
        "archive-lifecycle",
        "rules.0.transitions",
        [{"days": 30, "storageClass": "STANDARD_IA"}],
    ),
    ("monitoring-people-are-told", "slack-alerts", "rawMessageDelivery", False),
)

MUTANTS = (
    *(
        Mutant(policy, f"{name}: {path} = {json.dumps(value)}", set_input(name, path, value))
        for policy, name, path, value in SETTINGS
    ),
    *(
        Mutant(policy, f"{name}: {path} = {json.dumps(value)}", set_input(name, path, value), True)
        for policy, name, path, value in _RIGHT
    ),
    Mutant(
        "alarm-composite",
        "an outage alarm that rings while all is well",
        edit_input("alarms-outage", "alarmRule", lambda rule: f"NOT ({rule})"),
    ),
)
