"""Mutants for `policies.rules.permissions`."""

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutate import (
    REMOVED,
    UNKNOWN,
    Mutant,
    all_changes,
    declare,
    edit_input,
    edit_statement,
    set_input,
    unchanged,
    without,
    without_action,
    without_dependency,
)
from tests.policies.names import ROUTE, ROUTE_PERMISSION

MUTANTS = (
    Mutant(
        "stack-invokers-may-invoke",
        "a rule without a permission to invoke its function",
        without("reconciliation-sweep-permission"),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a permission on the function, not its alias",
        set_input("reconciliation-sweep-permission", "qualifier", REMOVED),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a permission for another rule",
        set_input(
            "reconciliation-sweep-permission",
            "sourceArn",
            "arn:aws:events:ap-northeast-1:123456789012:rule/goal-mandala-prod-execution-ended",
        ),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "a route that may be created before its permission",
        without_dependency(ROUTE, ROUTE_PERMISSION),
    ),
    Mutant(
        "stack-invokers-may-invoke",
        "one more permission",
        declare(
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
        "a dead-letter queue that events may not be sent to",
        edit_input("reconciliation-dead-letters-policy", "policy.Statement", lambda old: old[:1]),
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a key that events may not use",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [s for s in old if "events" not in str(s["Principal"])],
        ),
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a key that events may use on behalf of this account, which EventBridge does not send",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [
                {**s, "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}
                if "events" in str(s["Principal"])
                else s
                for s in old
            ],
        ),
    ),
    Mutant(
        "stack-events-may-be-kept",
        "a function that may not send to its destination",
        edit_statement(
            "functions-workflow-reconcile-policy",
            "sqs:SendMessage",
            without_action("sqs:SendMessage"),
        ),
    ),
    Mutant("stack-events-may-be-kept", "the program as it is", unchanged, near_miss=True),
    Mutant(
        "stack-alarms-may-publish",
        "a topic that alarms may not publish to",
        all_changes(
            alarm(),
            edit_input("alerting-alerts-policy", "policy.Statement", lambda old: old[:1]),
        ),
    ),
    Mutant(
        "stack-alarms-may-publish",
        "a key that alarms may not use",
        all_changes(
            alarm(),
            edit_input(
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
    Mutant("stack-alarms-may-publish", "an alarm that the policies name", alarm(), near_miss=True),
)
