"""Mutants for `policies.rules.grants.by_function`."""

from tests.policies.mutate import Change, Mutant, grant, unchanged
from tests.policies.names import ALERTS_ARN, ARN, GENERATE_POLICY, MACHINE_POLICY, TABLE_ARN

NAME, CLAIMS = "grants-by-function", "grants-no-invented-claims"


def _policy(function: str) -> str:
    return f"functions-{function}-policy"


def _secret(function: str, name: str) -> Change:
    arn = ARN.format("secretsmanager", f"secret:goal-mandala-prod-{name}-??????")
    return grant(_policy(function), "secretsmanager:GetSecretValue", arn)


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
        "the machine with a call that no state makes",
        grant(MACHINE_POLICY, "sqs:SendMessage", "*"),
    ),
    Mutant(
        NAME, "the notifier reads the database's secret", _secret("slack-notifier", "database-url")
    ),
    Mutant(NAME, "a start reads the cursors' secret", _secret("workflow-start", "jwt-secret")),
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
