"""Mutants for `policies.rules.access`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    edit_statement,
    set_input,
    set_source,
    unchanged,
    with_elements,
)
from tests.policies.names import ARN

MACHINE_ARN = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")


def _schedule(service: str) -> Change:
    """A schedule starts the machine with a role of its own."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": service},
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }
    arn = "arn:aws:iam::123456789012:role/goal-mandala-prod-nightly-role"
    return all_changes(
        declare(
            resource_types.ROLE,
            "nightly-role",
            {
                "name": "goal-mandala-prod-nightly-role",
                "assumeRolePolicy": json.dumps({"Statement": [trust]}),
            },
        ),
        declare(
            resource_types.SCHEDULE,
            "nightly",
            {"name": "nightly", "target": {"arn": MACHINE_ARN, "roleArn": arn}},
        ),
    )


MUTANTS = (
    Mutant(
        "access-no-open-principal",
        "a topic for everybody",
        edit_statement(
            "alerting-alerts-policy", "sns:Publish", with_elements(Effect="Allow", Principal="*")
        ),
    ),
    Mutant(
        "access-no-open-principal",
        "a queue for everybody of one organisation",
        edit_statement(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            with_elements(
                Effect="Allow",
                Principal={"AWS": ["*"]},
                Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            ),
        ),
    ),
    Mutant(
        "access-no-open-principal",
        "a key for everybody",
        edit_statement("keys-key", "kms:*", with_elements(Principal={"AWS": "*"})),
    ),
    Mutant(
        "access-no-open-principal",
        "a function that everybody may invoke",
        set_input("reconciliation-sweep-permission", "principal", "*"),
    ),
    Mutant(
        "access-no-open-principal",
        "a function's URL without authorization",
        declare(
            resource_types.FUNCTION_URL,
            "url",
            {"functionName": "goal-mandala-prod-workflow-start", "authorizationType": "NONE"},
        ),
    ),
    Mutant(
        "access-no-open-principal",
        "the program as it is, in which every topic has a Deny for everybody",
        unchanged,
        near_miss=True,
    ),
    Mutant(
        "access-named-actions",
        "all of SNS for a service",
        edit_statement(
            "alerting-alerts-policy",
            "sns:Publish",
            with_elements(
                Effect="Allow", Action="sns:*", Principal={"Service": "cloudwatch.amazonaws.com"}
            ),
        ),
    ),
    Mutant(
        "access-named-actions",
        "a permission to do anything with a function",
        set_input("reconciliation-sweep-permission", "action", "lambda:*"),
    ),
    Mutant(
        "access-named-actions",
        "two named actions for a service",
        edit_statement(
            "alerting-alerts-policy",
            "sns:Publish",
            with_elements(
                Effect="Allow",
                Action=["sns:Publish", "sns:GetTopicAttributes"],
                Principal={"Service": "cloudwatch.amazonaws.com"},
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "access-own-account",
        "a function that another account may invoke",
        set_input("reconciliation-sweep-permission", "principal", "999999999999"),
    ),
    Mutant(
        "access-own-account",
        "a key for another account",
        edit_statement(
            "keys-key", "kms:*", with_elements(Principal={"AWS": "arn:aws:iam::999999999999:root"})
        ),
    ),
    Mutant(
        "access-own-account",
        "a role of this account that is not the product's",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(
                Effect="Allow", Principal={"AWS": "arn:aws:iam::123456789012:role/payroll"}
            ),
        ),
    ),
    Mutant(
        "access-own-account",
        "the product's own role publishes",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(
                Effect="Allow",
                Principal={"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-product"},
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "access-own-account",
        "this account by its number",
        edit_statement("keys-key", "kms:*", with_elements(Principal={"AWS": "123456789012"})),
        near_miss=True,
    ),
    Mutant(
        "access-no-confused-deputy",
        "a queue that EventBridge may send to on behalf of any account",
        edit_statement(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            with_elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition=REMOVED,
            ),
        ),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a function that EventBridge may invoke on behalf of any account",
        set_input("reconciliation-sweep-permission", "sourceArn", REMOVED),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a condition with the source *",
        edit_statement(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            with_elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition={"ArnLike": {"aws:SourceArn": "*"}},
            ),
        ),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a key that alarms may use on behalf of any account",
        edit_input(
            "keys-key",
            "policy.Statement",
            lambda old: [
                {k: v for k, v in s.items() if k != "Condition"}
                if "cloudwatch" in str(s["Principal"])
                else s
                for s in old
            ],
        ),
    ),
    Mutant(
        "access-no-confused-deputy",
        "a queue that EventBridge may send to on behalf of this account",
        edit_statement(
            "reconciliation-dead-letters-policy",
            "sqs:SendMessage",
            with_elements(
                Effect="Allow",
                Principal={"Service": "events.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-trust",
        "a role that the whole account may assume",
        edit_statement(
            "functions-workflow-start-role",
            "sts:AssumeRole",
            with_elements(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
            "assumeRolePolicy",
        ),
    ),
    Mutant(
        "iam-trust",
        "a role that two services may assume",
        edit_statement(
            "functions-workflow-start-role",
            "sts:AssumeRole",
            with_elements(Principal={"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
            "assumeRolePolicy",
        ),
    ),
    Mutant(
        "iam-trust",
        "Step Functions on behalf of any account",
        edit_statement(
            "workflow-role", "sts:AssumeRole", with_elements(Condition=REMOVED), "assumeRolePolicy"
        ),
    ),
    Mutant(
        "iam-trust",
        "Step Functions on behalf of this account",
        edit_statement(
            "workflow-role",
            "sts:AssumeRole",
            with_elements(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
            "assumeRolePolicy",
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-one-role-each",
        "two functions with the same role",
        set_source("functions-workflow-start", "role", "functions-workflow-cancel-role"),
    ),
    Mutant(
        "iam-one-role-each",
        "a role that no function or state machine has",
        declare(
            resource_types.ROLE,
            "idle",
            {"name": "idle", "assumeRolePolicy": '{"Statement": []}'},
        ),
    ),
    Mutant(
        "iam-one-role-each",
        "a schedule whose role trusts another service",
        _schedule("events.amazonaws.com"),
    ),
    Mutant(
        "iam-one-role-each",
        "a function with another account's role",
        set_input("functions-workflow-start", "role", "arn:aws:iam::999999999999:role/x"),
    ),
    Mutant(
        "iam-one-role-each",
        "a schedule with a role of its own",
        _schedule("scheduler.amazonaws.com"),
        near_miss=True,
    ),
    Mutant(
        "iam-one-role-each",
        "the role by its computed ARN",
        set_input(
            "functions-workflow-start",
            "role",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
        near_miss=True,
    ),
)
