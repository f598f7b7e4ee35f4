"""Mutants for `policies.rules.queues`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Mutant,
    declare,
    edit_input,
    edit_statement,
    set_input,
    unchanged,
    without_action,
    without_dependency,
)

NOTIFIER_POLICY = "functions-slack-notifier-policy"


MUTANTS = (
    Mutant(
        "stack-subscriptions-may-send",
        "a queue that no topic may send to",
        edit_input("slack-queue-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a dead-letter queue that no topic may send to",
        edit_input("slack-dead-letters-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a queue that only the topic of alarms may send to",
        edit_input(
            "slack-queue-policy",
            "policy.Statement.1.Condition.ArnEquals.aws:SourceArn",
            lambda old: [arn for arn in old if "alerts" in arn],
        ),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a key that topics may not use",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [each for each in old if "sns" not in str(each["Principal"])],
        ),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a subscription that may be created before the queue's policy",
        without_dependency("slack-alerts", "slack-queue-policy"),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a subscription of an e-mail address",
        declare(
            resource_types.SUBSCRIPTION,
            "person",
            {"protocol": "email", "endpoint": "a@example.com"},
            sources={"topic": "alerting-alerts"},
        ),
        near_miss=True,
    ),
    Mutant(
        "stack-mappings-may-read",
        "a function that may receive messages and not delete them",
        edit_statement(NOTIFIER_POLICY, "sqs:ReceiveMessage", without_action("sqs:DeleteMessage")),
    ),
    Mutant("stack-mappings-may-read", "the program as it is", unchanged, near_miss=True),
    Mutant(
        "resilience-mapped-queue",
        "a queue without a dead-letter queue",
        set_input("slack-queue", "redrivePolicy", REMOVED),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a queue that is its own dead-letter queue",
        edit_input(
            "slack-queue",
            "redrivePolicy.deadLetterTargetArn",
            lambda old: old.removesuffix("-dead-letters"),
        ),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a visibility time-out less than six times the function's",
        set_input("slack-queue", "visibilityTimeoutSeconds", 359),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a mapping that does not report batch item failures",
        set_input("slack-mapping", "functionResponseTypes", []),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a batch over ten without a window",
        set_input("slack-mapping", "maximumBatchingWindowInSeconds", 0),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a batch of ten without a window",
        edit_input("slack-mapping", "batchSize", lambda _: 10),
        near_miss=True,
    ),
)
