"""Mutants for `policies.rules.grants.by_function`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import Change, Mutant, all_changes, declare, grant, unchanged
from tests.policies.names import ALERTS_ARN, ARN, GENERATE_POLICY, MACHINE_POLICY, TABLE_ARN

NAME, CLAIMS = "grants-by-function", "grants-no-invented-claims"


def _policy(function: str) -> str:
    return f"functions-{function}-policy"


_SECRET_ARN = ARN.format("secretsmanager", "secret:goal-mandala-prod-{}-??????")


def _secret(function: str, name: str) -> Change:
    return grant(_policy(function), "secretsmanager:GetSecretValue", _SECRET_ARN.format(name))


def _new_function(action: str, arn: str) -> Change:
    """A function that no table has, with a role of its own that allows one action."""
    role = "goal-mandala-prod-workflow-report-role"
    statement = {"Effect": "Allow", "Action": [action], "Resource": [arn]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return all_changes(
        declare(resource_types.ROLE, "report-role", {"name": role, "assumeRolePolicy": "{}"}),
        declare(
            resource_types.ROLE_POLICY,
            "report-policy",
            {"name": "permissions", "role": role, "policy": document},
        ),
        declare(
            resource_types.FUNCTION,
            "report",
            {
                "name": "goal-mandala-prod-workflow-report",
                "role": f"arn:aws:iam::123456789012:role/{role}",
            },
        ),
    )


_MACHINE_ARN = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")
_START_ARN = ARN.format("lambda", "function:goal-mandala-prod-workflow-start:live")

MUTANTS = (
    *(
        Mutant(NAME, f"{function} with {action}", grant(_policy(function), action, arn))
        for function, action, arn in (
            ("workflow-status", "dynamodb:UpdateItem", TABLE_ARN),
            ("slack-notifier", "dynamodb:DeleteItem", TABLE_ARN),
            ("workflow-start", "dynamodb:Scan", TABLE_ARN),
            ("workflow-start", "lambda:GetFunction", _START_ARN),
            ("workflow-finish", "sns:Publish", ALERTS_ARN),
            ("task-generation", "states:StartExecution", _MACHINE_ARN),
            ("task-generation", "lambda:InvokeFunction", _START_ARN),
            ("workflow-cancel", "states:StartExecution", _MACHINE_ARN),
        )
    ),
    Mutant(
        NAME,
        "backups that also write items",
        grant("backups-policy", "dynamodb:PutItem", TABLE_ARN),
    ),
    Mutant(
        NAME,
        "the machine with a call that no state makes",
        grant(MACHINE_POLICY, "sqs:SendMessage", "*"),
    ),
    Mutant(
        NAME, "the notifier reads the database's secret", _secret("slack-notifier", "database-url")
    ),
    Mutant(NAME, "a start reads the cursors' secret", _secret("workflow-start", "jwt-secret")),
    *(
        Mutant(NAME, f"a new function with {action}", _new_function(action, arn))
        for action, arn in (
            ("dynamodb:UpdateItem", TABLE_ARN),
            ("s3:PutObject", "arn:aws:s3:::goal-mandala-prod-archive-123456789012-x/*"),
            ("states:StartExecution", _MACHINE_ARN),
            ("bedrock:InvokeModel", ARN.format("bedrock", "inference-profile/apac.x")),
            ("secretsmanager:GetSecretValue", _SECRET_ARN.format("database-url")),
        )
    ),
    *(
        Mutant(NAME, f"a new function with {action}", _new_function(action, arn), near_miss=True)
        for action, arn in (
            ("dynamodb:Query", TABLE_ARN),
            ("sqs:SendMessage", ARN.format("sqs", "goal-mandala-prod-report-dead-letters")),
            ("secretsmanager:GetSecretValue", _SECRET_ARN.format("mail")),
        )
    ),
    Mutant(NAME, "the program as it is", unchanged, near_miss=True),
    Mutant(NAME, "a start reads a new secret", _secret("workflow-start", "mail"), near_miss=True),
    Mutant(
        NAME,
        "the model's function applies a guardrail",
        grant(GENERATE_POLICY, "bedrock:ApplyGuardrail", ARN.format("bedrock", "guardrail/abc")),
        near_miss=True,
    ),
    Mutant(
        CLAIMS,
        "the machine may invoke a function behind the API",
        grant(MACHINE_POLICY, "lambda:InvokeFunction", _START_ARN),
    ),
    Mutant(
        CLAIMS,
        "a function may invoke another one behind the API, without its alias",
        grant(GENERATE_POLICY, "lambda:InvokeFunction", _START_ARN.removesuffix(":live")),
    ),
    Mutant(CLAIMS, "the machine may invoke its own functions", unchanged, near_miss=True),
)
