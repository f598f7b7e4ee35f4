"""Mutants for `policies.rules.grants.operators`, and what else judges the operators' roles."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from components.iam.documents import document
from components.iam.operator_grants import operator_policy, trust_operators
from components.names import Names
from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Change,
    Mutant,
    all_changes,
    declare,
    edit_statement,
    grant,
    set_input,
    with_elements,
)
from tests.policies.names import ARN, TABLE_ARN

OPERATORS = "grants-to-operators"
LOOK, ACT = "operators-look", "operators-act"
PEOPLE = ("arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:role/team/Night")

_NAMES = Names("prod", "123456789012", "ap-northeast-1")
_MACHINE = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")
_FUNCTION = ARN.format("lambda", "function:goal-mandala-prod-workflow-{}")
_EXECUTIONS = ARN.format("states", "execution:TaskGenerationWorkflow-prod:*")
_SECRET = ARN.format("secretsmanager", "secret:goal-mandala-prod-database-url-??????")


@cache
def _role(kind: str) -> Change:
    """A role as the program declares it where there are operators."""
    name = f"operators-{kind}"
    return all_changes(
        declare(
            resource_types.ROLE,
            name,
            {
                "name": _NAMES.operator_role(kind),
                "assumeRolePolicy": trust_operators(PEOPLE),
                "maxSessionDuration": 3600,
            },
        ),
        declare(
            resource_types.ROLE_POLICY,
            f"{name}-policy",
            {
                "name": "permissions",
                "role": _NAMES.operator_role(kind),
                "policy": document(operator_policy(kind, _NAMES)),
            },
            sources={"role": name},
        ),
    )


def with_operators(*changes: Change) -> Change:
    """Both roles, and then these changes."""
    return all_changes(_role("look"), _role("act"), *changes)


def _trust(**elements: Any) -> Change:
    return with_operators(
        edit_statement(LOOK, "sts:AssumeRole", with_elements(**elements), "assumeRolePolicy")
    )


_JUDGING = (
    OPERATORS,
    "access-own-source",
    "boundary-own-references",
    "grants-data-plane-only",
    "grants-no-invented-claims",
    "grants-within-boundary",
    "iam-no-wildcard-resource",
    "iam-one-role-each",
    "iam-trust",
    "stack-grants-its-own",
)

_RESTORED = f"{TABLE_ARN}-restored-*"
_KEYS = ARN.format("kms", "key/*")
_POOLS = ARN.format("cognito-idp", "userpool/*")
_OWN_KEY = {
    "ForAnyValue:StringEquals": {"kms:ResourceAliases": _NAMES.key_alias},
    "StringEquals": {"kms:ViaService": "dynamodb.ap-northeast-1.amazonaws.com"},
}
_FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}

_CHANGES = (
    # of which role, action, ARN
    ("look", "dynamodb:PutItem", TABLE_ARN),
    ("look", "states:StopExecution", _EXECUTIONS),
    ("look", "states:UpdateStateMachineAlias", _MACHINE),
    ("look", "secretsmanager:GetSecretValue", _SECRET),
    ("act", "dynamodb:DeleteItem", TABLE_ARN),
    ("act", "lambda:UpdateFunctionCode", _FUNCTION.format("start")),
    ("act", "secretsmanager:GetSecretValue", _SECRET),
    ("act", "states:StartExecution", _MACHINE),
    ("act", "lambda:DeleteFunction", _FUNCTION.format("start")),
    ("act", "lambda:DeleteFunction", f"{_FUNCTION.format('start')}:live"),
    ("act", "lambda:InvokeFunction", f"{_FUNCTION.format('finish')}:live"),
    ("act", "lambda:UpdateFunctionConfiguration", _FUNCTION.format("start")),
    ("act", "lambda:PublishVersion", _FUNCTION.format("start")),
    ("act", "dynamodb:BatchWriteItem", TABLE_ARN),
    ("act", "dynamodb:DeleteTable", TABLE_ARN),
    ("act", "dynamodb:TagResource", TABLE_ARN),
    ("act", "dynamodb:UpdateContinuousBackups", TABLE_ARN),
    ("act", "dynamodb:UpdateTable", f"{TABLE_ARN}*"),
    ("act", "dynamodb:UpdateTimeToLive", TABLE_ARN),
    ("act", "dynamodb:DeleteResourcePolicy", _RESTORED),
    ("act", "cognito-idp:AdminDeleteUser", ARN.format("cognito-idp", "userpool/*")),
    ("look", "dynamodb:CreateBackup", TABLE_ARN),
    ("look", "dynamodb:DeleteTable", _RESTORED),
    ("look", "secretsmanager:GetRandomPassword", "*"),
)

_GRANTS_OF_KEYS: Mapping[str, Any] = {
    "to whomever act chooses": _OWN_KEY,
    "through any service": {**_FOR_AWS, "ForAnyValue:StringEquals": {}},
    "through Lambda": {
        **_OWN_KEY,
        **_FOR_AWS,
        "StringEquals": {"kms:ViaService": "lambda.ap-northeast-1.amazonaws.com"},
    },
}

_UNTRUSTED: Mapping[str, Any] = {
    "without a second factor": {"Condition": REMOVED},
    "with a second factor if there is one": {
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    },
    "by the whole account": {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
    "by a function": {
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-workflow-start-role"}
    },
    "by a service": {"Principal": {"Service": "lambda.amazonaws.com"}},
    "with tags of the session": {"Action": ["sts:AssumeRole", "sts:TagSession"]},
}

MUTANTS = (
    *(
        Mutant(
            OPERATORS,
            f"{kind} with {action} on {arn.partition(':123456789012:')[2]}",
            with_operators(grant(f"operators-{kind}-policy", action, arn)),
        )
        for kind, action, arn in _CHANGES
    ),
    *(
        Mutant(
            OPERATORS,
            f"act makes a grant of the key {how}",
            with_operators(grant(f"{ACT}-policy", "kms:CreateGrant", _KEYS, Condition=conditions)),
        )
        for how, conditions in _GRANTS_OF_KEYS.items()
    ),
    Mutant(
        "grants-data-plane-only",
        "look makes a grant of the key",
        with_operators(
            grant(f"{LOOK}-policy", "kms:CreateGrant", _KEYS, Condition={**_OWN_KEY, **_FOR_AWS})
        ),
    ),
    Mutant(
        "stack-grants-its-own",
        "act deletes what was restored of another table",
        with_operators(
            grant(
                f"{ACT}-policy",
                "dynamodb:DeleteTable",
                ARN.format("dynamodb", "table/WorkflowExecution-dev-restored-*"),
            )
        ),
    ),
    Mutant(
        "stack-grants-its-own",
        "look describes restored tables",
        with_operators(grant(f"{LOOK}-policy", "dynamodb:DescribeTable", _RESTORED)),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "look reads the users of every pool",
        with_operators(grant(f"{LOOK}-policy", "cognito-idp:AdminGetUser", _POOLS)),
    ),
    Mutant(
        "stack-grants-its-own",
        "look reads the users of another environment",
        with_operators(
            grant(
                f"{LOOK}-policy",
                "cognito-idp:AdminGetUser",
                _POOLS,
                Condition={
                    "StringEquals": {
                        "aws:ResourceTag/Project": "goal-mandala",
                        "aws:ResourceTag/Environment": "dev",
                    }
                },
            )
        ),
    ),
    Mutant(
        "access-own-source",
        "look reads a table under a tag that the pack does not know",
        with_operators(
            grant(
                f"{LOOK}-policy",
                "dynamodb:GetItem",
                TABLE_ARN,
                Condition={"StringEquals": {"aws:ResourceTag/Environment": "dev"}},
            )
        ),
    ),
    *(
        Mutant("iam-trust", f"the operators' role is assumed {how}", _trust(**elements))
        for how, elements in _UNTRUSTED.items()
    ),
    Mutant(
        "iam-trust",
        "an operator's session of twelve hours",
        with_operators(set_input(ACT, "maxSessionDuration", 43_200)),
    ),
    Mutant(
        "boundary-own-references",
        "an operator of another account",
        _trust(Principal={"AWS": "arn:aws:iam::999999999999:user/alice"}),
    ),
    Mutant(
        "access-own-source",
        "a function's role that asks Lambda for a second factor",
        edit_statement(
            "functions-workflow-start-role",
            "sts:AssumeRole",
            with_elements(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            "assumeRolePolicy",
        ),
    ),
    Mutant(
        "grants-data-plane-only",
        "look moves an alias",
        with_operators(grant(f"{LOOK}-policy", "lambda:UpdateAlias", _FUNCTION.format("start"))),
    ),
    Mutant(
        "grants-no-invented-claims",
        "act cancels with claims of its own",
        with_operators(
            grant(f"{ACT}-policy", "lambda:InvokeFunction", f"{_FUNCTION.format('cancel')}:live")
        ),
    ),
    Mutant(
        "grants-within-boundary",
        "an operators' role under the boundary of functions",
        with_operators(set_input(ACT, "permissionsBoundary", _NAMES.boundary_arn)),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "act deletes every function whole",
        with_operators(
            grant(
                f"{ACT}-policy",
                "lambda:DeleteFunction",
                ARN.format("lambda", "function:goal-mandala-prod-*"),
            )
        ),
    ),
    Mutant(
        "iam-no-wildcard-resource",
        "look describes every key of the account",
        with_operators(grant(f"{LOOK}-policy", "kms:DescribeKey", ARN.format("kms", "key/*"))),
    ),
    *(
        Mutant(policy, "the operators' roles as the program makes them", with_operators(), True)
        for policy in _JUDGING
    ),
    Mutant(
        OPERATORS,
        "look reads several items at once",
        with_operators(grant(f"{LOOK}-policy", "dynamodb:BatchGetItem", TABLE_ARN)),
        near_miss=True,
    ),
)
