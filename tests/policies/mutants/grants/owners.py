"""Mutants for `policies.rules.grants.owners`."""

import json

from policies.stack import resource_types
from tests.policies.mutate import Mutant, all_changes, declare, set_input, unchanged
from tests.policies.names import START_POLICY, TABLE_ARN

OWN, BOUNDARY, NAMED = "grants-to-own-roles", "grants-within-boundary", "grants-to-named-principals"

_READ = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [TABLE_ARN]}]}
)
_ON = {"goal-mandala:permissionsBoundary": "true"}
_BOUNDARY_ARN = "arn:aws:iam::123456789012:policy/goal-mandala-ci-prod-boundary"
_ROLES = tuple(
    f"functions-{each}-role"
    for each in (
        "slack-notifier",
        "task-generation",
        "workflow-archive",
        "workflow-cancel",
        "workflow-finish",
        "workflow-prepare",
        "workflow-reconcile",
        "workflow-save-batch",
        "workflow-start",
        "workflow-status",
    )
)
_BOUND = all_changes(
    *(
        set_input(each, "permissionsBoundary", _BOUNDARY_ARN)
        for each in (*_ROLES, "backups-role", "workflow-role")
    )
)

MUTANTS = (
    Mutant(
        OWN,
        "a person's user may read the table",
        declare("aws:iam/userPolicy:UserPolicy", "person", {"user": "alice", "policy": _READ}),
    ),
    Mutant(
        OWN,
        "a group may read the table",
        declare("aws:iam/groupPolicy:GroupPolicy", "group", {"group": "devs", "policy": _READ}),
    ),
    Mutant(
        OWN,
        "a policy that anybody may attach",
        declare("aws:iam/policy:Policy", "shared", {"name": "shared", "policy": _READ}),
    ),
    Mutant(
        OWN,
        "an inline policy on somebody else's role",
        declare(
            resource_types.ROLE_POLICY, "more", {"name": "x", "role": "payroll", "policy": _READ}
        ),
    ),
    Mutant(
        OWN,
        "a function's policy moved to another role by name",
        set_input(START_POLICY, "role", "payroll"),
    ),
    Mutant(
        OWN,
        "a KMS grant",
        declare(
            "aws:kms/grant:Grant",
            "grant",
            {
                "keyId": "k",
                "granteePrincipal": "arn:aws:iam::123456789012:role/x",
                "operations": ["Decrypt"],
            },
        ),
    ),
    Mutant(
        OWN,
        "a second policy of a declared role, by its name",
        declare(
            resource_types.ROLE_POLICY,
            "more",
            {"name": "x", "role": "goal-mandala-prod-workflow-start-role", "policy": _READ},
        ),
        near_miss=True,
    ),
    Mutant(
        BOUNDARY,
        "the boundary is on, one role is without it",
        all_changes(_BOUND, set_input("workflow-role", "permissionsBoundary", None)),
        config=_ON,
    ),
    Mutant(
        BOUNDARY,
        "another boundary",
        set_input(
            "workflow-role",
            "permissionsBoundary",
            "arn:aws:iam::123456789012:policy/goal-mandala-ci-dev-boundary",
        ),
    ),
    Mutant(BOUNDARY, "the boundary is on for all", _BOUND, near_miss=True, config=_ON),
    Mutant(BOUNDARY, "the boundary is off for all", unchanged, near_miss=True),
    Mutant(
        NAMED,
        "a KMS grant for a role of another account",
        declare(
            "aws:kms/grant:Grant",
            "grant",
            {"keyId": "k", "granteePrincipal": "arn:aws:iam::999999999999:role/x"},
        ),
    ),
    Mutant(
        NAMED,
        "everybody may put events on the account's bus",
        declare(
            "aws:cloudwatch/eventPermission:EventPermission",
            "events",
            {"principal": "*", "statementId": "x"},
        ),
    ),
    Mutant(
        NAMED,
        "this account may invoke a function",
        set_input("reconciliation-sweep-permission", "principal", "123456789012"),
    ),
    Mutant(
        NAMED,
        "an organization may invoke a function",
        set_input("reconciliation-sweep-permission", "principalOrgId", "o-1"),
    ),
    Mutant(NAMED, "the program as it is, in which services invoke", unchanged, near_miss=True),
)
