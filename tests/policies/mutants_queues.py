"""Mutants of the way from a topic over a queue to a function."""

from policies import resource_types
from tests.policies.mutate import (
    REMOVED,
    Mutant,
    add,
    alter,
    edit,
    put,
    same,
    sooner,
    without_action,
)

NOTIFIER_POLICY = "functions-slack-notifier-policy"

MUTANTS = (
    Mutant(
        "stack-subscriptions-may-send",
        "a queue that takes nothing from topics",
        alter("slack-queue-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "dead letters that take nothing from topics",
        alter("slack-dead-letters-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a queue that takes only alarms",
        alter(
            "slack-queue-policy",
            "policy.Statement.1.Condition.ArnEquals.aws:SourceArn",
            lambda old: [arn for arn in old if "alerts" in arn],
        ),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a key that topics may not use",
        alter(
            "keys-key",
            "policy.Statement",
            lambda old: [each for each in old if "sns" not in str(each["Principal"])],
        ),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a subscription before the queue's policy",
        sooner("slack-alerts", "slack-queue-policy"),
    ),
    Mutant(
        "stack-subscriptions-may-send",
        "a person's subscription",
        add(
            resource_types.SUBSCRIPTION,
            "person",
            {"protocol": "email", "endpoint": "a@example.com"},
            sources={"topic": "alerting-alerts"},
        ),
        near_miss=True,
    ),
    Mutant(
        "stack-mappings-may-read",
        "a function that may receive and not delete",
        edit(NOTIFIER_POLICY, "sqs:ReceiveMessage", without_action("sqs:DeleteMessage")),
    ),
    Mutant("stack-mappings-may-read", "the program as it is", same, near_miss=True),
    Mutant(
        "resilience-mapped-queue",
        "a queue that keeps failing for ever",
        put("slack-queue", "redrivePolicy", REMOVED),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a queue that is its own dead-letter queue",
        alter(
            "slack-queue",
            "redrivePolicy.deadLetterTargetArn",
            lambda old: old.removesuffix("-dead-letters"),
        ),
    ),
    Mutant(
        "resilience-mapped-queue",
        "messages seen again while the function works on them",
        put("slack-queue", "visibilityTimeoutSeconds", 359),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a batch that fails as a whole",
        put("slack-mapping", "functionResponseTypes", []),
    ),
    Mutant(
        "resilience-mapped-queue",
        "a large batch without a window",
        put("slack-mapping", "maximumBatchingWindowInSeconds", 0),
    ),
    Mutant(
        "resilience-mapped-queue",
        "ten messages without a window",
        alter("slack-mapping", "batchSize", lambda _: 10),
        near_miss=True,
    ),
)
