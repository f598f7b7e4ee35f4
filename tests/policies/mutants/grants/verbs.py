"""Mutants for `policies.rules.grants.verbs`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    Change,
    Mutant,
    all_changes,
    declare,
    edit_statement,
    grant,
    set_input,
    unchanged,
    with_elements,
)
from tests.policies.names import (
    ALERTS_ARN,
    ARN,
    GENERATE,
    GENERATE_POLICY,
    MACHINE_POLICY,
    START,
    START_POLICY,
    TABLE_ARN,
)

VERBS = "grants-data-plane-only"
SECRET = "grants-no-secret-beside-model"

DATABASE_URL = ARN.format("secretsmanager", "secret:goal-mandala-prod-database-url")
PROMPT = ARN.format("ssm", "parameter/goal-mandala-prod/prompt")


def _parameter(type_: str) -> Change:
    """The stack's parameter, which the function that calls the model reads."""
    return all_changes(
        declare(
            resource_types.PARAMETER,
            "prompt",
            {"name": "/goal-mandala-prod/prompt", "type": type_, "value": "Be brief."},
        ),
        grant(GENERATE_POLICY, "ssm:GetParameter", PROMPT),
    )


_CHANGES = (
    ("dynamodb:DeleteTable", TABLE_ARN),
    ("dynamodb:ExportTableToPointInTime", TABLE_ARN),
    ("dynamodb:TagResource", TABLE_ARN),
    ("dynamodb:UpdateTimeToLive", TABLE_ARN),
    ("secretsmanager:PutResourcePolicy", f"{DATABASE_URL}-??????"),
    ("secretsmanager:PutSecretValue", f"{DATABASE_URL}-??????"),
    ("bedrock:PutModelInvocationLoggingConfiguration", "*"),
    ("sns:SetTopicAttributes", ALERTS_ARN),
    ("sns:Subscribe", ALERTS_ARN),
    ("sqs:PurgeQueue", ARN.format("sqs", "goal-mandala-prod-slack")),
    ("kms:CreateGrant", ARN.format("kms", "key/*")),
    ("kms:ScheduleKeyDeletion", ARN.format("kms", "key/*")),
    (
        "lambda:UpdateFunctionCode",
        ARN.format("lambda", "function:goal-mandala-prod-slack-notifier"),
    ),
    ("states:UpdateStateMachine", ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")),
    ("logs:DeleteLogGroup", ARN.format("logs", "log-group:/aws/lambda/x:*")),
    ("logs:PutResourcePolicy", "*"),
    ("ec2:CreateNetworkInterface", "*"),
    ("events:DisableRule", ARN.format("events", "rule/goal-mandala-prod-reconcile-sweep")),
    ("cloudwatch:SetAlarmState", ARN.format("cloudwatch", "alarm:goal-mandala-prod-x")),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/goal-mandala-prod-product"),
    ("sts:GetSessionToken", "*"),
    ("iam:PassRole", "arn:aws:iam::123456789012:role/goal-mandala-prod-product"),
)

MUTANTS = (
    *(
        Mutant(VERBS, f"a function with {action}", grant(START_POLICY, action, arn))
        for action, arn in _CHANGES
    ),
    Mutant(
        VERBS,
        "the product's role may change the topic's policy",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            with_elements(
                Effect="Allow",
                Action="sns:SetTopicAttributes",
                Principal={"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-product"},
            ),
        ),
    ),
    Mutant(VERBS, "the program as it is: the machine delivers its logs", unchanged, near_miss=True),
    Mutant(
        VERBS,
        "a function deletes items and sends events",
        all_changes(
            grant(START_POLICY, ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], TABLE_ARN),
            grant(START_POLICY, "events:PutEvents", ARN.format("events", "event-bus/default")),
        ),
        near_miss=True,
    ),
    Mutant(
        VERBS,
        "a function in a VPC makes network interfaces",
        all_changes(
            set_input(
                START, "vpcConfig", {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
            ),
            grant(START_POLICY, ["ec2:CreateNetworkInterface"], "*"),
        ),
        near_miss=True,
    ),
    Mutant(
        SECRET,
        "the function that calls the model reads the database's secret",
        grant(GENERATE_POLICY, "secretsmanager:GetSecretValue", f"{DATABASE_URL}-??????"),
    ),
    Mutant(
        SECRET,
        "it reads many secrets at once",
        grant(GENERATE_POLICY, "secretsmanager:BatchGetSecretValue", "*"),
    ),
    Mutant(
        SECRET,
        "a function that reads a secret may call the model",
        grant(
            "functions-workflow-status-policy",
            "bedrock:InvokeModelWithResponseStream",
            ARN.format("bedrock", "inference-profile/apac.amazon.nova-micro-v1:0"),
        ),
    ),
    Mutant(
        SECRET,
        "the function that calls the model is told a secret's ARN",
        set_input(GENERATE, "environment.variables.DATABASE_URL_SECRET_ARN", DATABASE_URL),
    ),
    Mutant(SECRET, "an encrypted parameter beside the model", _parameter("SecureString")),
    Mutant(
        SECRET,
        "a parameter that the stack does not declare",
        grant(GENERATE_POLICY, "ssm:GetParameters", PROMPT),
    ),
    Mutant(SECRET, "the prompt in a plain parameter", _parameter("String"), near_miss=True),
    Mutant(
        SECRET,
        "one more secret for a function without the model",
        grant(MACHINE_POLICY, "secretsmanager:GetSecretValue", f"{DATABASE_URL}-??????"),
        near_miss=True,
    ),
)
