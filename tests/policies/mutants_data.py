"""Mutants of what is encrypted, kept, traced and tagged."""

from policies import resource_types
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Mutant,
    add,
    alter,
    both,
    edit,
    elements,
    put,
    same,
    sooner,
    source,
    unprotect,
    without,
)

TABLE = "executions-table"
START = "functions-workflow-start"
GENERATE = "functions-task-generation"
MACHINE = "workflow-machine"
RECONCILE_CONFIG = "reconciliation-invocations"
TASK = "definition.States.GenerateAll.ItemProcessor.States.GenerateTasks"
CLEAR = {"Bool": {"aws:SecureTransport": "false"}}

MUTANTS = (
    Mutant(
        "encryption-customer-key",
        "a topic without a key",
        put("alerting-alerts", "kmsMasterKeyId", REMOVED),
    ),
    Mutant(
        "encryption-customer-key",
        "a topic under AWS's key",
        both(
            put("alerting-alerts", "kmsMasterKeyId", "alias/aws/sns"),
            source("alerting-alerts", "kmsMasterKeyId", None),
        ),
    ),
    Mutant(
        "encryption-customer-key",
        "a table under DynamoDB's own key",
        put(TABLE, "serverSideEncryption.enabled", value=False),
    ),
    Mutant(
        "encryption-customer-key",
        "an environment without a key",
        put(START, "kmsKeyArn", REMOVED),
    ),
    Mutant(
        "encryption-customer-key",
        "a log group under a key from elsewhere",
        source("workflow-log", "kmsKeyId", None),
    ),
    Mutant(
        "encryption-customer-key",
        "one more queue, under the stack's key",
        add(
            resource_types.QUEUE,
            "more",
            {"name": "more", "kmsMasterKeyId": UNKNOWN},
            sources={"kmsMasterKeyId": "keys-key"},
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-key-rotation",
        "a key that never changes",
        put("keys-key", "enableKeyRotation", value=False),
    ),
    Mutant(
        "encryption-key-rotation",
        "a key with AWS's default policy",
        put("keys-key", "policy", REMOVED),
    ),
    Mutant(
        "encryption-key-rotation",
        "a key that is gone after 7 days, AWS's minimum",
        put("keys-key", "deletionWindowInDays", 7),
        near_miss=True,
    ),
    Mutant(
        "encryption-key-rotation", "a key that is off", put("keys-key", "isEnabled", value=False)
    ),
    Mutant(
        "encryption-tls-only",
        "a subscription over http",
        add(
            resource_types.SUBSCRIPTION, "web", {"protocol": "http", "endpoint": "http://x.invalid"}
        ),
    ),
    Mutant("encryption-tls-only", "a topic without a policy", without("alerting-alerts-policy")),
    Mutant(
        "encryption-tls-only",
        "a Deny for one account only",
        edit(
            "alerting-notifications-policy",
            "sns:Publish",
            elements(Principal={"AWS": "123456789012"}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny of what is encrypted",
        edit(
            "alerting-notifications-policy",
            "sns:Publish",
            elements(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny under one more condition",
        edit(
            "alerting-notifications-policy",
            "sns:Publish",
            elements(Condition={**CLEAR, "StringEquals": {"aws:SourceAccount": "1"}}),
        ),
    ),
    Mutant(
        "encryption-tls-only",
        "a Deny of all of SNS",
        edit(
            "alerting-notifications-policy",
            "sns:Publish",
            elements(Action=["sns:*"], Principal={"AWS": "*"}),
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "a log group that the key's policy leaves out",
        edit(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            lambda old: {
                **old,
                "Condition": {
                    "ArnEquals": {
                        key: arns[1:] for key, arns in old["Condition"]["ArnEquals"].items()
                    }
                },
            },
        ),
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "the logs of another region",
        edit(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            elements(Principal={"Service": "logs.us-east-1.amazonaws.com"}),
        ),
    ),
    Mutant(
        "encryption-log-groups-have-key",
        "one ARN more than there are groups",
        edit(
            "keys-key",
            "kms:GenerateDataKeyWithoutPlaintext",
            lambda old: {
                **old,
                "Condition": {
                    "ArnEquals": {
                        key: [*arns, "arn:aws:logs:ap-northeast-1:123456789012:log-group:x"]
                        for key, arns in old["Condition"]["ArnEquals"].items()
                    }
                },
            },
        ),
        near_miss=True,
    ),
    Mutant(
        "encryption-callers-have-key",
        "a machine that publishes to an encrypted topic without its key",
        alter(
            "workflow-policy",
            "policy.Statement",
            lambda old: [s for s in old if "sns." not in str(s.get("Condition"))],
        ),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a key by an alias that nobody has",
        alter(
            "workflow-policy",
            "policy",
            lambda old: old.replace("alias/goal-mandala-prod", "alias/goal-mandala-dev"),
        ),
    ),
    Mutant(
        "encryption-callers-have-key",
        "an alias of another key",
        source("keys-alias", "targetKeyId", None),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a key that IAM has no say in",
        alter("keys-key", "policy.Statement", lambda old: old[1:]),
    ),
    Mutant(
        "encryption-callers-have-key",
        "a key handed over to IAM by the account's number",
        edit("keys-key", "kms:*", elements(Principal={"AWS": "123456789012"})),
        near_miss=True,
    ),
    Mutant(
        "resilience-table",
        "no point-in-time recovery",
        put(TABLE, "pointInTimeRecovery.enabled", value=False),
    ),
    Mutant("resilience-table", "no TTL", put(TABLE, "ttl", REMOVED)),
    Mutant(
        "resilience-table",
        "another TTL attribute",
        put(TABLE, "ttl.attributeName", "expires"),
        near_miss=True,
    ),
    Mutant("resilience-protected", "production's table, unprotected", unprotect(TABLE)),
    Mutant(
        "resilience-protected",
        "production's table, deletable in the console",
        put(TABLE, "deletionProtectionEnabled", value=False),
    ),
    Mutant(
        "resilience-protected",
        "production's users, deletable in the console",
        put("users-pool", "deletionProtection", "INACTIVE"),
    ),
    Mutant(
        "resilience-protected",
        "production's secrets, gone at once",
        put("secrets-database-url", "recoveryWindowInDays", 0),
    ),
    Mutant(
        "resilience-protected", "an unprotected table in dev", same, near_miss=True, stack="dev"
    ),
    Mutant(
        "resilience-states-end",
        "a task that waits for ever",
        put(MACHINE, f"{TASK}.TimeoutSeconds", REMOVED),
    ),
    Mutant("resilience-states-end", "an error not caught", put(MACHINE, f"{TASK}.Catch", REMOVED)),
    Mutant("resilience-states-end", "no retry", put(MACHINE, f"{TASK}.Retry", [])),
    Mutant(
        "resilience-states-end",
        "retries in step with each other",
        put(MACHINE, f"{TASK}.Retry.0.JitterStrategy", "NONE"),
    ),
    Mutant(
        "resilience-states-end",
        "every error retried",
        put(MACHINE, f"{TASK}.Retry.0.ErrorEquals", ["States.ALL"]),
    ),
    Mutant(
        "resilience-states-end",
        "a machine without end",
        put(MACHINE, "definition.TimeoutSeconds", REMOVED),
    ),
    Mutant(
        "resilience-states-end",
        "a longer time-out",
        put(MACHINE, f"{TASK}.TimeoutSeconds", 600),
        near_miss=True,
    ),
    Mutant(
        "resilience-map-concurrency",
        "41 at once",
        put(MACHINE, "definition.States.GenerateAll.MaxConcurrency", 41),
    ),
    Mutant(
        "resilience-map-concurrency",
        "no limit said",
        put(MACHINE, "definition.States.GenerateAll.MaxConcurrency", REMOVED),
    ),
    Mutant(
        "resilience-map-concurrency",
        "40 at once",
        put(MACHINE, "definition.States.GenerateAll.MaxConcurrency", 40),
        near_miss=True,
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a function that outlives its state",
        put(GENERATE, "timeout", 130),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a function that outlives the gateway",
        put(START, "timeout", 29),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "an integration of 35 s",
        put("api-workflow-start", "timeoutMilliseconds", 35_000),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a second to spare",
        put(GENERATE, "timeout", 129),
        near_miss=True,
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "fewer than the machine runs at once",
        put(GENERATE, "reservedConcurrentExecutions", 23),
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "a function switched off",
        put(START, "reservedConcurrentExecutions", 0),
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "as many as the machine runs at once",
        put(GENERATE, "reservedConcurrentExecutions", 24),
        near_miss=True,
    ),
    Mutant(
        "resilience-failure-destination",
        "a target without a dead-letter queue",
        put("reconciliation-ended-target", "deadLetterConfig", REMOVED),
    ),
    Mutant(
        "resilience-failure-destination",
        "a function that drops what it failed at",
        without(RECONCILE_CONFIG),
    ),
    Mutant(
        "resilience-failure-destination",
        "a destination for an alias that nobody calls",
        put(RECONCILE_CONFIG, "qualifier", "old"),
    ),
    Mutant(
        "resilience-failure-destination",
        "the function's own dead-letter queue instead",
        both(
            without(RECONCILE_CONFIG),
            put("functions-workflow-reconcile", "deadLetterConfig", {"targetArn": UNKNOWN}),
        ),
        near_miss=True,
    ),
    Mutant(
        "resilience-rules-on",
        "a sweep that is switched off",
        put("reconciliation-sweep", "state", "DISABLED"),
    ),
    Mutant(
        "resilience-rules-on",
        "a sweep said to be on",
        put("reconciliation-sweep", "state", "ENABLED"),
        near_miss=True,
    ),
    Mutant("resilience-rollback", "a function without versions", put(START, "publish", REMOVED)),
    Mutant(
        "resilience-rollback",
        "a machine without versions",
        put(MACHINE, "publish", value=False),
    ),
    Mutant("resilience-rollback", "a machine without an alias", without("workflow-live")),
    Mutant(
        "resilience-rollback",
        "a route past the alias",
        source("api-workflow-start", "integrationUri", START),
    ),
    Mutant(
        "resilience-rollback",
        "a state past the alias",
        alter(MACHINE, f"{TASK}.Resource", lambda old: old.removesuffix(":live")),
    ),
    Mutant(
        "resilience-rollback",
        "one alias more",
        add(
            resource_types.FUNCTION_ALIAS,
            "next",
            {"functionName": "goal-mandala-prod-workflow-start", "name": "next"},
        ),
        near_miss=True,
    ),
    Mutant("tagging-required", "no default tags", same, config={"aws:defaultTags": "{}"}),
    Mutant(
        "tagging-required",
        "the tags of dev in production",
        same,
        config={"aws:defaultTags": '{"tags": {"Project": "goal-mandala", "Environment": "dev"}}'},
    ),
    Mutant(
        "tagging-required",
        "a table that says it is dev's",
        put(TABLE, "tags", {"Environment": "dev"}),
    ),
    Mutant(
        "tagging-required",
        "a tag of its own besides",
        put(TABLE, "tags", {"Owner": "platform"}),
        near_miss=True,
    ),
    Mutant(
        "observability-traced",
        "a function that only passes traces on",
        put(START, "tracingConfig.mode", "PassThrough"),
    ),
    Mutant(
        "observability-traced",
        "a machine without traces",
        put(MACHINE, "tracingConfiguration", REMOVED),
    ),
    Mutant("observability-traced", "the program as it is", same, near_miss=True),
    Mutant(
        "observability-machine-log",
        "errors only",
        put(MACHINE, "loggingConfiguration.level", "ERROR"),
    ),
    Mutant(
        "observability-machine-log",
        "users' data in the log",
        put(MACHINE, "loggingConfiguration.includeExecutionData", value=True),
    ),
    Mutant(
        "observability-machine-log",
        "a destination without :*",
        alter(
            MACHINE,
            "loggingConfiguration.logDestination",
            lambda old: old.removesuffix(":*"),
        ),
    ),
    Mutant("observability-machine-log", "the program as it is", same, near_miss=True),
    Mutant(
        "observability-log-retention",
        "logs for ever",
        put("workflow-log", "retentionInDays", REMOVED),
    ),
    Mutant(
        "observability-log-retention",
        "production's logs for a month",
        put("workflow-log", "retentionInDays", 30),
    ),
    Mutant(
        "observability-log-retention",
        "dev's logs for two weeks",
        put("workflow-log", "retentionInDays", 14),
        near_miss=True,
        stack="dev",
    ),
    Mutant("observability-log-groups", "a function without one", without(f"{START}-log")),
    Mutant(
        "observability-log-groups",
        "one that nobody writes to",
        add(resource_types.LOG_GROUP, "idle", {"name": "/aws/lambda/idle"}),
    ),
    Mutant(
        "observability-log-groups",
        "one that is made after its function",
        sooner(START, f"{START}-log"),
    ),
    Mutant(
        "observability-log-groups",
        "a function that names its group",
        put(START, "loggingConfig", {"logGroup": "/aws/lambda/goal-mandala-prod-workflow-start"}),
        near_miss=True,
    ),
)
