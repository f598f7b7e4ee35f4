"""Mutants of who gets in, of alarms, and of the edges between resources."""

from policies import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Change,
    Mutant,
    add,
    alter,
    both,
    edit,
    elements,
    orphan,
    put,
    same,
    sooner,
    source,
    without,
    without_action,
)

START = "functions-workflow-start"
ROUTE = "api-POST/goals/{goalId}/start-activity"
ROUTE_PERMISSION = "api-POST-goals-goalId-start-activity-permission"
ALERTS = "arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-prod"
ALARM = {
    "name": "goal-mandala-prod-errors",
    "namespace": "AWS/Lambda",
    "metricName": "Errors",
    "period": 60,
    "threshold": 1,
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 1,
    "treatMissingData": "notBreaching",
    "alarmActions": [ALERTS],
}
READY = ("alerting-alerts-policy", "keys-key")


def alarm(**changed: object) -> Change:
    """One alarm more, on the topic for operators."""
    inputs = {key: value for key, value in {**ALARM, **changed}.items() if value is not REMOVED}
    return add(resource_types.ALARM, "errors", inputs, after=READY)


MUTANTS = (
    Mutant(
        "access-no-open-principal",
        "a topic for everybody",
        edit("alerting-alerts-policy", "sns:Publish", elements(Effect="Allow", Principal="*")),
    ),
    Mutant(
        "access-no-open-principal",
        "a queue for everybody of one organisation",
        edit(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            elements(
                Effect="Allow",
                Principal={"AWS": ["*"]},
                Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            ),
        ),
    ),
    Mutant(
        "access-no-open-principal",
        "a key for everybody",
        edit("keys-key", "kms:*", elements(Principal={"AWS": "*"})),
    ),
    Mutant(
        "access-no-open-principal",
        "a function for everybody",
        put("reconciliation-sweep-permission", "principal", "*"),
    ),
    Mutant(
        "access-no-open-principal",
        "a function's URL without authorization",
        add(
            resource_types.FUNCTION_URL,
            "url",
            {"functionName": "goal-mandala-prod-workflow-start", "authorizationType": "NONE"},
        ),
    ),
    Mutant(
        "access-no-open-principal",
        "a Deny for everybody, which every topic has",
        same,
        near_miss=True,
    ),
    Mutant(
        "access-named-actions",
        "all of SNS for a service",
        edit(
            "alerting-alerts-policy",
            "sns:Publish",
            elements(
                Effect="Allow", Action="sns:*", Principal={"Service": "cloudwatch.amazonaws.com"}
            ),
        ),
    ),
    Mutant(
        "access-named-actions",
        "a permission to do anything with a function",
        put("reconciliation-sweep-permission", "action", "lambda:*"),
    ),
    Mutant(
        "access-named-actions",
        "two named actions for a service",
        edit(
            "alerting-alerts-policy",
            "sns:Publish",
            elements(
                Effect="Allow",
                Action=["sns:Publish", "sns:GetTopicAttributes"],
                Principal={"Service": "cloudwatch.amazonaws.com"},
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "access-own-account",
        "a function for another account",
        put("reconciliation-sweep-permission", "principal", "999999999999"),
    ),
    Mutant(
        "access-own-account",
        "a key for another account",
        edit("keys-key", "kms:*", elements(Principal={"AWS": "arn:aws:iam::999999999999:root"})),
    ),
    Mutant(
        "access-own-account",
        "this account by its number",
        edit("keys-key", "kms:*", elements(Principal={"AWS": "123456789012"})),
        near_miss=True,
    ),
    Mutant(
        "access-no-confused-deputy",
        "a queue for anybody's events",
        edit(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition=REMOVED,
            ),
        ),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a function for anybody's rules",
        put("reconciliation-sweep-permission", "sourceArn", REMOVED),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a source that is every source",
        edit(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition={"ArnLike": {"aws:SourceArn": "*"}},
            ),
        ),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a queue for this account's events",
        edit(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
            ),
        ),
        near_miss=True,
    ),
    Mutant("access-jwt", "a start without a token", put(ROUTE, "authorizationType", "NONE")),
    Mutant("access-jwt", "a start without an authorizer", put(ROUTE, "authorizerId", REMOVED)),
    Mutant("access-jwt", "GET /health, which is public", same, near_miss=True),
    Mutant(
        "access-jwt-audience",
        "anybody's tokens",
        put("api-authorizer", "jwtConfiguration.audiences", []),
    ),
    Mutant(
        "access-jwt-audience",
        "one client of the product's pool",
        put("api-authorizer", "jwtConfiguration.audiences", ["1example23456789"]),
        near_miss=True,
    ),
    Mutant(
        "access-cors",
        "every origin",
        put("api-api", "corsConfiguration", {"allowOrigins": ["*"]}),
    ),
    Mutant(
        "access-cors",
        "an origin in clear",
        put("api-api", "corsConfiguration", {"allowOrigins": ["http://app.example.com"]}),
    ),
    Mutant(
        "access-cors",
        "this machine's, in clear",
        put("api-api", "corsConfiguration", {"allowOrigins": ["http://localhost:5173"]}),
        near_miss=True,
    ),
    Mutant(
        "access-user-pool",
        "anybody signs up",
        put("users-pool", "adminCreateUserConfig.allowAdminCreateUserOnly", value=False),
    ),
    Mutant(
        "access-user-pool",
        "passwords of eight",
        put("users-pool", "passwordPolicy.minimumLength", 8),
    ),
    Mutant(
        "access-user-pool",
        "passwords of sixteen",
        put("users-pool", "passwordPolicy.minimumLength", 16),
        near_miss=True,
    ),
    Mutant(
        "access-user-pool-client",
        "tokens for ever",
        put("users-client", "enableTokenRevocation", value=False),
    ),
    Mutant(
        "access-user-pool-client",
        "a login that tells who has an account",
        put("users-client", "preventUserExistenceErrors", "LEGACY"),
    ),
    Mutant(
        "access-user-pool-client",
        "tokens in URLs",
        put("users-client", "allowedOauthFlows", ["implicit"]),
    ),
    Mutant(
        "access-user-pool-client",
        "shorter tokens",
        put("users-client", "accessTokenValidity", 15),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-secret",
        "the database's URL in the environment",
        put(START, "environment.variables.STORE", "postgresql://app:hunter2@db/goals"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a variable named as a secret",
        put(START, "environment.variables.DB_PASSWORD", "hunter2"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a webhook in a description",
        put(
            "reconciliation-sweep",
            "description",
            "https://hooks.slack.com/services/T0/B0/xyz",
        ),
    ),
    Mutant(
        "access-no-plain-secret",
        "an export of a secret",
        put("goal-mandala-prod", "databaseUrl", "postgresql://app:hunter2@db/goals"),
    ),
    Mutant(
        "access-no-plain-secret",
        "a secret's ARN in the environment",
        put(
            START,
            "environment.variables.WEBHOOK_SECRET_ARN",
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:x-1a2b3c",
        ),
        near_miss=True,
    ),
    Mutant(
        "access-no-plain-configuration",
        "the database's URL in a stack file",
        same,
        plain=frozenset({"goal-mandala:databaseUrl"}),
    ),
    Mutant(
        "access-no-plain-configuration",
        "a secret under a new key",
        same,
        config={"goal-mandala:signingSecret": "9f86d081884c7d659a2feaa0c55ad015"},
    ),
    Mutant(
        "access-no-plain-configuration",
        "a setting that tells of a secret",
        same,
        config={"goal-mandala:secretRotationDays": "30"},
        near_miss=True,
    ),
    Mutant(
        "observability-access-log",
        "no access log",
        put("api-stage", "accessLogSettings", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "no limit",
        put("api-stage", "defaultRouteSettings.throttlingRateLimit", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "a log without the route",
        put("api-stage", "accessLogSettings.format.routeKey", REMOVED),
    ),
    Mutant(
        "observability-access-log",
        "a lower limit",
        put("api-stage", "defaultRouteSettings.throttlingRateLimit", 1),
        near_miss=True,
    ),
    Mutant("observability-alarm-actions", "an alarm nobody hears", alarm(alarmActions=REMOVED)),
    Mutant(
        "observability-alarm-actions",
        "an alarm switched off",
        alarm(actionsEnabled=False),
    ),
    Mutant(
        "observability-alarm-actions",
        "the child of a composite alarm that acts",
        both(
            alarm(alarmActions=REMOVED),
            add(
                resource_types.COMPOSITE_ALARM,
                "all",
                {
                    "alarmName": "goal-mandala-prod-all",
                    "alarmRule": 'ALARM("goal-mandala-prod-errors")',
                    "alarmActions": [ALERTS],
                },
                after=READY,
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "observability-alarm-sound",
        "30 s where CloudWatch counts milliseconds",
        alarm(metricName="Duration", threshold=30),
    ),
    Mutant("observability-alarm-sound", "no word on missing data", alarm(treatMissingData=REMOVED)),
    Mutant("observability-alarm-sound", "a period of 10 s", alarm(period=10)),
    Mutant(
        "observability-alarm-sound",
        "30 s in milliseconds",
        alarm(metricName="Duration", threshold=30_000),
        near_miss=True,
    ),
    Mutant(
        "stack-alarms-may-publish",
        "a topic that takes no alarms",
        both(
            alarm(),
            alter("alerting-alerts-policy", "policy.Statement", lambda old: old[:1]),
        ),
    ),
    Mutant(
        "stack-alarms-may-publish",
        "a key that alarms may not use",
        both(
            alarm(),
            alter(
                "keys-key",
                "policy.Statement",
                lambda old: [s for s in old if "cloudwatch" not in str(s["Principal"])],
            ),
        ),
    ),
    Mutant(
        "stack-alarms-may-publish",
        "an alarm that the policies do not name",
        alarm(name="other-errors"),
    ),
    Mutant("stack-alarms-may-publish", "an alarm of ours", alarm(), near_miss=True),
    Mutant(
        "stack-invokers-may-invoke",
        "a rule without a permission",
        without("reconciliation-sweep-permission"),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a permission on the function, not its alias",
        put("reconciliation-sweep-permission", "qualifier", REMOVED),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a permission for another rule",
        put(
            "reconciliation-sweep-permission",
            "sourceArn",
            "arn:aws:events:ap-northeast-1:123456789012:rule/goal-mandala-prod-execution-ended",
        ),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a route before its permission",
        sooner(ROUTE, ROUTE_PERMISSION),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "one permission more",
        add(
            resource_types.PERMISSION,
            "more",
            {
                "principal": "events.amazonaws.com",
                "action": "lambda:InvokeFunction",
                "function": "goal-mandala-prod-workflow-start",
                "sourceArn": UNKNOWN,
            },
        ),
        near_miss=True,
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a queue that takes no events",
        alter("reconciliation-dead-letters-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a key that events may not use",
        alter(
            "keys-key",
            "policy.Statement",
            lambda old: [s for s in old if "events" not in str(s["Principal"])],
        ),
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a function that may not send to its destination",
        edit(
            "functions-workflow-reconcile-policy",
            "sqs:SendMessage",
            without_action("sqs:SendMessage"),
        ),
    ),
    Mutant("stack-events-may-be-kept", "the program as it is", same, near_miss=True),
    Mutant(
        "stack-waits-for-what-it-names",
        "a machine before its table",
        sooner("workflow-machine", "executions-table"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a machine before its functions' aliases",
        sooner("workflow-machine", "functions-workflow-finish-live"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a route before the machine that its function starts",
        sooner(ROUTE, "workflow-live"),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a permission before its rule",
        both(
            sooner("reconciliation-sweep-permission", "reconciliation-sweep"),
            orphan("reconciliation-sweep-permission"),
        ),
    ),
    Mutant(
        "stack-waits-for-what-it-names",
        "a machine that waits for its table through a function",
        source("workflow-machine", "definition", None),
        near_miss=True,
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a function before its role's policy",
        sooner(START, f"{START}-policy"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a machine before the policy of its topic",
        sooner("workflow-machine", "alerting-notifications-policy"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a function before the key's alias",
        sooner(START, "keys-alias"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "a target before its dead-letter queue's policy",
        sooner("reconciliation-sweep-target", "reconciliation-dead-letters-policy"),
    ),
    Mutant(
        "stack-waits-for-permissions",
        "an alarm before the policy of its topic",
        add(resource_types.ALARM, "errors", ALARM, after=("alerting-alerts", "keys-key")),
    ),
    Mutant("stack-waits-for-permissions", "an alarm after it", alarm(), near_miss=True),
)
