"""Mutants of grants and trusts that no function needs, each with one statement more."""

from typing import Any

from tests.policies.mutate import Mutant, deny, grant, set_input
from tests.policies.names import ARN, GENERATE_POLICY, TABLE_ARN

_STATUS_POLICY = "functions-workflow-status-policy"
_BY_FUNCTION, _NO_WILDCARD = "grants-by-function", "iam-no-wildcard-resource"
_KEYS = ARN.format("kms", "key/*")
_ALIAS = {"kms:ResourceAliases": "alias/goal-mandala-prod-workflow"}
_VIA_LAMBDA = {"kms:ViaService": "lambda.ap-northeast-1.amazonaws.com"}
_START_LOG = ARN.format("logs", "log-group:/aws/lambda/goal-mandala-prod-workflow-start:*")
_ARCHIVE = "arn:aws:s3:::goal-mandala-prod-archive-123456789012-ap-northeast-1/*"

_GRANTS: tuple[tuple[str, str, str, Any, str], ...] = (
    # policy, what, role policy, action, resource
    (_BY_FUNCTION, "status scans the table", _STATUS_POLICY, "dynamodb:Scan", TABLE_ARN),
    (_BY_FUNCTION, "status selects with SQL", _STATUS_POLICY, "dynamodb:PartiQLSelect", TABLE_ARN),
    (_BY_FUNCTION, "status reads the archive", _STATUS_POLICY, "s3:GetObject", _ARCHIVE),
    (
        _BY_FUNCTION,
        "the model's function calls itself",
        GENERATE_POLICY,
        "lambda:InvokeFunction",
        ARN.format("lambda", "function:goal-mandala-prod-task-generation:live"),
    ),
    (
        _BY_FUNCTION,
        "the model's function calls an agent",
        GENERATE_POLICY,
        "bedrock:InvokeAgent",
        ARN.format("bedrock", "agent-alias/ABC/DEF"),
    ),
    (
        _BY_FUNCTION,
        "the model's function calls a model whose answer it does not see",
        GENERATE_POLICY,
        "bedrock:StartAsyncInvoke",
        ARN.format("bedrock", "async-invoke/*"),
    ),
    (
        _BY_FUNCTION,
        "the model's function reads the table's stream",
        GENERATE_POLICY,
        ["dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        f"{TABLE_ARN}/stream/*",
    ),
    (
        _BY_FUNCTION,
        "the model's function reads logs",
        GENERATE_POLICY,
        "logs:FilterLogEvents",
        _START_LOG,
    ),
    (
        _BY_FUNCTION,
        "the model's function queries logs",
        GENERATE_POLICY,
        "logs:StartQuery",
        _START_LOG,
    ),
    (
        "grants-data-plane-only",
        "a function sets passwords",
        "functions-workflow-start-policy",
        "cognito-idp:AdminSetUserPassword",
        ARN.format("cognito-idp", "userpool/*"),
    ),
    (
        "grants-data-plane-only",
        "a function makes a session of its own",
        GENERATE_POLICY,
        "sts:GetSessionToken",
        "*",
    ),
    (
        _NO_WILDCARD,
        "every secret of the stack",
        "functions-workflow-start-policy",
        "secretsmanager:GetSecretValue",
        ARN.format("secretsmanager", "secret:goal-mandala-prod-*"),
    ),
)

MUTANTS = (
    *(
        Mutant(policy, what, grant(name, action, resource))
        for policy, what, name, action, resource in _GRANTS
    ),
    Mutant(
        "grants-not-denied",
        "a Deny of every call of the table",
        deny(GENERATE_POLICY, "dynamodb:*", "*"),
    ),
    Mutant(
        _NO_WILDCARD,
        "a key's alias without the service",
        grant(
            GENERATE_POLICY,
            "kms:Decrypt",
            _KEYS,
            Condition={"ForAnyValue:StringEquals": _ALIAS},
        ),
    ),
    Mutant(
        _NO_WILDCARD,
        "a key's alias by ForAllValues, which a key without aliases fulfils",
        grant(
            GENERATE_POLICY,
            "kms:Decrypt",
            _KEYS,
            Condition={"ForAllValues:StringEquals": _ALIAS, "StringEquals": _VIA_LAMBDA},
        ),
    ),
    Mutant(
        "access-own-source",
        "a grant under a condition on no token",
        grant(
            GENERATE_POLICY,
            "dynamodb:Query",
            TABLE_ARN,
            Condition={"Null": {"aws:TokenIssueTime": "true"}},
        ),
    ),
    Mutant(
        "iam-trust",
        "a trust that lets sessions be tagged",
        set_input(
            "workflow-role",
            "assumeRolePolicy.Statement.0.Action",
            ["sts:AssumeRole", "sts:TagSession"],
        ),
    ),
    Mutant(
        "iam-trust",
        "a trust whose account may be absent",
        set_input(
            "workflow-role",
            "assumeRolePolicy.Statement.0.Condition",
            {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}},
        ),
    ),
)
