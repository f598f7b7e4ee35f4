"""Mutants for `policies.rules.wiring.queues`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import Mutant, all_changes, declare, set_input, unchanged
from tests.policies.names import ARN

MAPPING, FILTER = "wiring-mapping-on", "wiring-subscription-unfiltered"
KEPT = "wiring-dead-letters-kept"
_DEAD, _QUEUE, _SUBSCRIPTION = "slack-dead-letters", "slack-queue", "slack-notifications"

MUTANTS = (
    Mutant(MAPPING, "the mapping disabled", set_input("slack-mapping", "enabled", value=False)),
    Mutant(
        MAPPING,
        "a second function that reads the queue",
        declare(
            resource_types.EVENT_SOURCE_MAPPING,
            "thief",
            {
                "eventSourceArn": ARN.format("sqs", "goal-mandala-prod-slack"),
                "functionName": ARN.format("lambda", "function:goal-mandala-prod-workflow-start"),
            },
            sources={"eventSourceArn": "slack-queue"},
        ),
    ),
    Mutant(
        MAPPING,
        "a filter that drops every message",
        set_input(
            "slack-mapping", "filterCriteria", {"filters": [{"pattern": '{"body": ["never"]}'}]}
        ),
    ),
    Mutant(
        MAPPING,
        "the mapping enabled",
        set_input("slack-mapping", "enabled", value=True),
        near_miss=True,
    ),
    Mutant(
        FILTER,
        "alarms filtered by an attribute that they do not have",
        set_input("slack-alerts", "filterPolicy", '{"severity": ["high"]}'),
    ),
    Mutant(
        FILTER,
        "failures filtered out",
        set_input(_SUBSCRIPTION, "filterPolicy", '{"status": ["SUCCEEDED", {"exists": false}]}'),
    ),
    Mutant(
        FILTER,
        "only what has a status",
        set_input(_SUBSCRIPTION, "filterPolicy", '{"status": ["FAILED"]}'),
    ),
    Mutant(
        FILTER,
        "a filter on attributes, which no message has",
        set_input(_SUBSCRIPTION, "filterPolicyScope", "MessageAttributes"),
    ),
    Mutant(
        FILTER,
        "successes, too",
        set_input(
            _SUBSCRIPTION, "filterPolicy", '{"status": ["SUCCEEDED", "FAILED", {"exists": false}]}'
        ),
        near_miss=True,
    ),
    Mutant(KEPT, "dead letters kept for a minute", set_input(_DEAD, "messageRetentionSeconds", 60)),
    Mutant(
        KEPT, "dead letters kept for a day", set_input(_DEAD, "messageRetentionSeconds", 86_400)
    ),
    Mutant(
        KEPT,
        "failed events kept for an hour",
        set_input("reconciliation-dead-letters", "messageRetentionSeconds", 3600),
    ),
    Mutant(
        KEPT,
        "dead letters deleted before the queue's messages",
        set_input(_DEAD, "messageRetentionSeconds", 345_600),
    ),
    Mutant(KEPT, "messages kept for a minute", set_input(_QUEUE, "messageRetentionSeconds", 60)),
    Mutant(
        KEPT,
        "a message given up after one failure",
        set_input(_QUEUE, "redrivePolicy.maxReceiveCount", 1),
    ),
    Mutant(
        KEPT,
        "dead letters of no queue let in",
        set_input(_DEAD, "redriveAllowPolicy", '{"redrivePermission": "denyAll"}'),
    ),
    Mutant(
        KEPT,
        "both queues for six days, for this queue only",
        all_changes(
            set_input(_DEAD, "messageRetentionSeconds", 518_400),
            set_input(_QUEUE, "messageRetentionSeconds", 518_400),
            set_input(
                _DEAD,
                "redriveAllowPolicy",
                json.dumps(
                    {
                        "redrivePermission": "byQueue",
                        "sourceQueueArns": [ARN.format("sqs", "goal-mandala-prod-slack")],
                    }
                ),
            ),
        ),
        near_miss=True,
    ),
    Mutant(KEPT, "the program as it is", unchanged, near_miss=True),
)
