"""Mutants for `policies.rules.iam`."""

from tests.policies.mutate import (
    REMOVED,
    Mutant,
    declare,
    edit_statement,
    grant,
    set_input,
    with_elements,
)
from tests.policies.names import ARN, GENERATE_POLICY, MACHINE_POLICY, START_POLICY, TABLE_ARN

MACHINE_ARN = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")
KEYS = ARN.format("kms", "key/*")
ALIAS = "alias/goal-mandala-prod-workflow"
UNDER_ALIAS = {
    "ForAnyValue:StringEquals": {"kms:ResourceAliases": ALIAS},
    "StringEquals": {"kms:ViaService": "sns.ap-northeast-1.amazonaws.com"},
}


MUTANTS = (
    Mutant("iam-no-wildcard-action", "dynamodb:*", grant(START_POLICY, "dynamodb:*", TABLE_ARN)),
    Mutant("iam-no-wildcard-action", "every action", grant(START_POLICY, "*", TABLE_ARN)),
    Mutant(
        "iam-no-wildcard-action", "Get?tem", grant(START_POLICY, ["dynamodb:Get?tem"], TABLE_ARN)
    ),
    Mutant(
        "iam-no-wildcard-action",
        "dynamodb:Put* on a managed policy",
        declare(
            "aws:iam/policy:Policy",
            "more",
            {
                "policy": '{"Statement": {"Effect": "Allow", "Action": "dynamodb:Put*",'
                f' "Resource": "{TABLE_ARN}"}}}}'
            },
        ),
    ),
    Mutant(
        "iam-no-wildcard-action",
        "a Deny of every action",
        grant(START_POLICY, "*", "*", Effect="Deny"),
        near_miss=True,
    ),
    Mutant(
        "iam-known-action", "dynamodb:ReadItem", grant(START_POLICY, "dynamodb:ReadItem", TABLE_ARN)
    ),
    Mutant(
        "iam-known-action",
        "DynamoDB:getitem, since IAM ignores case",
        grant(START_POLICY, "DynamoDB:getitem", TABLE_ARN),
        near_miss=True,
    ),
    Mutant(
        "iam-no-wildcard-resource", "GetItem on *", grant(START_POLICY, "dynamodb:GetItem", "*")
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "GetItem on table/*",
        grant(START_POLICY, "dynamodb:GetItem", ARN.format("dynamodb", "table/*")),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "key/* without a condition on its alias",
        grant(
            START_POLICY,
            "kms:Decrypt",
            KEYS,
            Condition={"StringEquals": UNDER_ALIAS["StringEquals"]},
        ),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "key/* under ForAllValues, which also matches keys without aliases",
        grant(
            START_POLICY,
            "kms:Decrypt",
            KEYS,
            Condition={
                "ForAllValues:StringEquals": UNDER_ALIAS["ForAnyValue:StringEquals"],
                "StringEquals": UNDER_ALIAS["StringEquals"],
            },
        ),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "executions of every state machine",
        grant(START_POLICY, "states:StopExecution", ARN.format("states", "execution:*")),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "logs:PutLogEvents on *",
        grant(MACHINE_POLICY, "logs:PutLogEvents", "*"),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "key/* under its alias, through SNS",
        grant(START_POLICY, "kms:Decrypt", KEYS, Condition=UNDER_ALIAS),
        near_miss=True,
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "xray:PutTraceSegments, which has no resource level",
        grant(START_POLICY, "xray:PutTraceSegments", "*"),
        near_miss=True,
    ),
    Mutant(
        "iam-resource-fits-action",
        "StartExecution on an execution",
        edit_statement(
            START_POLICY,
            "states:StartExecution",
            with_elements(Resource=ARN.format("states", "execution:TaskGenerationWorkflow-prod:*")),
        ),
    ),
    Mutant(
        "iam-resource-fits-action",
        "StartExecution on the alias",
        edit_statement(
            START_POLICY,
            "states:StartExecution",
            with_elements(Resource=MACHINE_ARN + ":live"),
        ),
    ),
    Mutant(
        "iam-resource-fits-action",
        "Decrypt on a key's alias",
        grant(START_POLICY, "kms:Decrypt", ARN.format("kms", ALIAS)),
    ),
    Mutant(
        "iam-resource-fits-action",
        "Query on an index",
        grant(START_POLICY, "dynamodb:Query", f"{TABLE_ARN}/index/goalId-index"),
        near_miss=True,
    ),
    Mutant(
        "iam-no-inversion",
        "NotAction",
        edit_statement(
            START_POLICY,
            "dynamodb:GetItem",
            with_elements(Action=REMOVED, NotAction=["iam:PassRole"]),
        ),
    ),
    Mutant(
        "iam-no-inversion",
        "NotPrincipal on a topic",
        edit_statement(
            "alerting-alerts-policy",
            "sns:Publish",
            with_elements(Effect="Allow", Principal=REMOVED, NotPrincipal={"AWS": "123456789012"}),
        ),
    ),
    Mutant(
        "iam-no-inversion",
        "a Deny with NotResource",
        edit_statement(
            "alerting-notifications-policy",
            "sns:Publish",
            lambda old: {**old, "NotResource": TABLE_ARN} if old["Effect"] == "Deny" else old,
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-pass-role",
        "PassRole on every role",
        grant(START_POLICY, "iam:PassRole", "*"),
    ),
    Mutant(
        "iam-pass-role",
        "PassRole to any service",
        grant(START_POLICY, "iam:PassRole", "arn:aws:iam::123456789012:role/goal-mandala-prod-x"),
    ),
    Mutant(
        "iam-pass-role",
        "PassRole of one role to Lambda",
        grant(
            START_POLICY,
            "iam:PassRole",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
            Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-no-escalation",
        "iam:PutRolePolicy on its own role",
        grant(
            START_POLICY,
            "iam:PutRolePolicy",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
    ),
    Mutant(
        "iam-no-escalation",
        "lambda:UpdateFunctionCode",
        grant(
            GENERATE_POLICY,
            "lambda:UpdateFunctionCode",
            ARN.format("lambda", "function:goal-mandala-prod-workflow-start"),
        ),
    ),
    Mutant(
        "iam-no-escalation",
        "iam:GetRole",
        grant(
            START_POLICY,
            "iam:GetRole",
            "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role",
        ),
        near_miss=True,
    ),
    Mutant(
        "iam-readable-grants",
        "a managed policy of AWS on a role",
        set_input(
            "functions-workflow-start-role",
            "managedPolicyArns",
            ["arn:aws:iam::aws:policy/AdministratorAccess"],
        ),
    ),
    Mutant(
        "iam-readable-grants",
        "an attached policy",
        declare(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "more",
            {
                "role": "goal-mandala-prod-workflow-start-role",
                "policyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
            },
        ),
    ),
    Mutant(
        "iam-readable-grants",
        "a user's access key",
        declare("aws:iam/accessKey:AccessKey", "ci", {"user": "ci"}),
    ),
    Mutant(
        "iam-readable-grants",
        "an empty list of managed policies",
        set_input("functions-workflow-start-role", "managedPolicyArns", []),
        near_miss=True,
    ),
)
