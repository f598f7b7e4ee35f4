"""CI's roles: enough for what the program declares, and no access to another stack."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint.data.schemas
import pytest

from checks.cloudformation.mapping import ResourceMapping
from checks.cloudformation.table import TABLE
from components.names import Names
from declared.program import evaluate
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from deployment import actions, grants
from deployment.boundary import boundary
from policies.stack.resource_graph import Resource, ResourceGraph
from tests.deployment.conftest import Deployment

Condition = dict[str, dict[str, Any]]
STACKS = ("dev", "staging", "prod")
DECLARED = ("dev", "prod")
"""Of which the program is evaluated: it declares the same in staging as in dev."""

PROVIDERS_OWN = {
    # action -> why the provider calls it though AWS's own handlers do not
    "iam:ListInstanceProfilesForRole": "before a role is deleted",
    "iam:ListRoleTags": "tags, on refresh",
    "lambda:ListTags": "tags, on refresh",
    "lambda:ListVersionsByFunction": "the newest version is an output of the function",
    "secretsmanager:GetResourcePolicy": "the secret's policy is an output of it",
    "secretsmanager:PutSecretValue": "a version is a resource of its own to the provider",
    "secretsmanager:UpdateSecretVersionStage": "the same",
    "states:DeleteStateMachineVersion": "a version that publish=True made goes with the machine",
    "states:ListStateMachineVersions": "the newest version is an output of the machine",
    "states:PublishStateMachineVersion": "publish=True",
}


def allowed(document: Any) -> Iterator[tuple[str, str, Condition | None]]:
    """Every (action, resource, condition)."""
    for statement in document:
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                yield action, resource, statement.get("Condition")


def covers(pattern: str, arn: str) -> bool:
    """Whether IAM's pattern matches an ARN, whose own wildcards are plain characters."""
    form = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.fullmatch(form, arn) is not None


@pytest.fixture(scope="session")
def declared() -> dict[str, list[DeclaredResource]]:
    """What the workflow declares, by stack."""
    secrets = throwaway_secrets()
    return {each: list(evaluate(each, secrets, preview=True).resources) for each in DECLARED}


@pytest.fixture(scope="session")
def networked() -> list[DeclaredResource]:
    """What prod declares with a VPC and bounded roles."""
    vpc = json.dumps({"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]})
    given = {**throwaway_secrets(), "vpc": vpc, "permissionsBoundary": "true"}
    return list(evaluate("prod", given, preview=True).resources)


def names_of(stack: str) -> Names:
    """Names of a stack in the guide's account."""
    return Names(stack, "123456789012", "ap-northeast-1")


@cache
def handler_permissions(cloudformation_type: str) -> frozenset[str]:
    """The permissions of AWS's own handlers of a type (registry schema: handlers)."""
    folder = Path(cfnlint.data.schemas.__file__).parent
    index = json.loads((folder / "providers" / "us-east-1.json").read_text())
    schema = json.loads((folder / "resources" / f"{index[cloudformation_type]}.json").read_text())
    return frozenset(
        permission.lower()
        for handler in schema.get("handlers", {}).values()
        for permission in handler["permissions"]
    )


def published(needs: actions.Needs) -> set[str]:
    """Permissions of AWS's handlers for the types of some needs."""
    found = set[str]()
    for each in needs.types:
        mapping = TABLE[f"aws:{each}"]
        while not isinstance(mapping, ResourceMapping):
            mapping = TABLE[mapping.owner]
        found |= handler_permissions(mapping.type)
    return found


def test_every_type_that_the_program_declares_is_one_that_ci_deploys(
    declared: dict[str, list[DeclaredResource]],
) -> None:
    types = {each.type for resources in declared.values() for each in resources}
    known = {f"aws:{each}" for needs in actions.NEEDS for each in needs.types}
    assert types <= known


def test_every_action_is_one_that_aws_itself_calls_for_these_types() -> None:
    unexplained = {
        f"{needs.service}:{action}"
        for needs in actions.NEEDS
        for action in (*needs.read, *needs.write)
        if f"{needs.service}:{action}".lower() not in published(needs)
        and not any(each.startswith(f"{needs.service}:*") for each in published(needs))
    }
    assert unexplained == set(PROVIDERS_OWN)


def test_the_preview_role_has_no_action_that_changes_anything() -> None:
    writing = re.compile(
        r"(Add|Create|Delete|Disable|Enable|Pass|Publish|Put|Remove|Set|Tag|Update)"
    )
    for stack in STACKS:
        for action, _, _ in allowed(grants.preview(names_of(stack))):
            verb = action.partition(":")[2]
            assert not writing.match(verb), action
            assert verb not in ("POST", "PATCH", "PUT", "DELETE")


@pytest.mark.parametrize("stack", DECLARED)
def test_the_deploy_role_reaches_every_arn_of_its_own_stack_and_none_of_another(
    stack: str, declared: dict[str, list[DeclaredResource]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PULUMI_CONFIG",
        json.dumps({"goal-mandala:accountId": "123456789012", "aws:region": "ap-northeast-1"}),
    )
    resources = [
        Resource(each.type, each.urn, each.name, each.inputs, each.protect, {}, each.parent)
        for each in declared[stack]
    ]
    # The permissions for the machine's alias are on the machine's ARN, for an index on the table's.
    arns = [arn for arn in ResourceGraph(resources).arns if not arn.endswith(f"-{stack}:live")]
    assert len(arns) > 40
    for own in STACKS:
        patterns = {
            pattern for _, pattern, _ in allowed(grants.deploy(names_of(own))) if pattern != "*"
        }
        out_of_reach = [
            arn for arn in arns if not any(covers(pattern, arn) for pattern in patterns)
        ]
        assert out_of_reach == ([] if own == stack else arns)


def test_what_the_programs_roles_are_granted_is_within_their_boundary(
    networked: list[DeclaredResource],
) -> None:
    limits = list(allowed(boundary(names_of("prod"), "apac.amazon.nova-micro-v1:0")))
    granted = [
        (action, arn, condition)
        for each in networked
        if each.type == "aws:iam/rolePolicy:RolePolicy"
        for action, arn, condition in allowed(json.loads(each.inputs["policy"])["Statement"])
    ]
    assert len(granted) > 100
    cut = [
        (action, arn)
        for action, arn, condition in granted
        if not any(
            action == limit and covers(pattern, arn) and _within(condition, cap)
            for limit, pattern, cap in limits
        )
    ]
    assert cut == []


def _within(condition: Condition | None, cap: Condition | None) -> bool:
    """Whether the boundary's condition accepts everything that the grant's condition does."""
    if cap is None:
        return True
    held: dict[tuple[str, str], Any] = {
        (operator, key): value
        for operator, keys in (condition or {}).items()
        for key, value in keys.items()
    }
    for operator, keys in cap.items():
        for key, values in keys.items():
            value = held.get((operator, key))
            if value is None or not set(_as_list(value)) <= set(_as_list(values)):
                return False
    return True


def _as_list(value: Any) -> list[str]:
    values: Any = value
    return values if isinstance(value, list) else [value]


def test_the_boundary_changes_no_role_key_function_or_table() -> None:
    for action, _, _ in allowed(boundary(names_of("dev"), "apac.amazon.nova-micro-v1:0")):
        service, _, verb = action.partition(":")
        assert service != "iam"
        if service in ("lambda", "kms", "dynamodb", "states", "secretsmanager"):
            assert not re.match("Create|Delete(?!Item)|Put(?!Item)|Update(?!Item)|Schedule", verb)


def test_a_managed_policy_holds_the_boundary(stack: str, deployment: Deployment) -> None:
    (policy,) = [r for r in deployment(stack).resources if r.type == "aws:iam/policy:Policy"]
    text = json.dumps(json.loads(policy.inputs["policy"]), separators=(",", ":"))
    assert len(text) <= 6144  # IAM: characters of a managed policy, without white space


def test_every_role_of_the_program_keeps_to_the_boundary_where_it_is_set(
    networked: list[DeclaredResource], declared: dict[str, list[DeclaredResource]]
) -> None:
    def boundaries(resources: list[DeclaredResource]) -> list[Any]:
        roles = [each for each in resources if each.type == "aws:iam/role:Role"]
        return [role.inputs.get("permissionsBoundary") for role in roles]

    bounded = boundaries(networked)
    assert len(bounded) > 8
    assert set(bounded) == {names_of("prod").boundary_arn}
    assert set(boundaries(declared["prod"])) == {None}
