"""CI's roles: no access to another stack, and no more than AWS's own handlers of the same types.

That they suffice, and hold nothing idle: tests/checks/ci_roles.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint.data.schemas
import pytest

from checks.ci_roles.operations import AFTER_AN_UPDATE
from checks.ci_roles.options import DOMAIN, variants
from checks.cloudformation.mapping import ResourceMapping
from checks.cloudformation.table import TABLE
from components.arns import Arn
from components.iam.documents import Statement
from components.iam.operator_calls import ACT, LOOK
from components.names import Names
from declared.program import evaluate
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from deployment import grants
from deployment.boundary import boundary
from deployment.github_roles import role_name
from deployment.operators_boundary import operators_boundary
from policies import authorization_reference as reference
from policies.operators import CHANGES
from policies.stack.resource_graph import Resource, ResourceGraph
from tests.deployment.conftest import Deployment

Condition = dict[str, dict[str, Any]]
Role = Callable[[Names, str | None], list[Statement]]
STACKS = ("dev", "staging", "prod")
DECLARED = ("dev", "prod")
"""Of which the program is evaluated: it declares the same in staging as in dev."""

DELIVERY = (
    "logs:DeleteLogDelivery",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
)
PROVIDERS_OWN = {
    # action -> why the provider or a service calls it though AWS's own handlers do not
    **dict.fromkeys(DELIVERY, "to switch on an API's access log (API Gateway: HTTP API logging)"),
    "iam:ListInstanceProfilesForRole": "before a role is deleted",
    "lambda:GetFunctionConfiguration": "until a published version is ready",
    "lambda:ListVersionsByFunction": "the newest version is an output of the function",
    "s3:GetBucketRequestPayment": "who pays for requests is an output of the bucket",
    "secretsmanager:GetResourcePolicy": "the secret's policy is an output of it",
    "secretsmanager:PutSecretValue": "a version is a resource of its own to the provider",
    "secretsmanager:UpdateSecretVersionStage": "the same",
    "servicequotas:GetServiceQuota": "the program reads Lambda's quota",
    "states:ListStateMachineVersions": "the newest version is an output of the machine",
    "states:PublishStateMachineVersion": "publish=True",
    "states:ValidateStateMachineDefinition": "the preview of a machine",
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
    """What prod declares with all options, and its roles within the boundary."""
    return list(variants("prod")[1])


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


def published(types: set[str]) -> set[str]:
    """Permissions of AWS's handlers for some types."""
    found = set[str]()
    for each in types:
        mapping = TABLE[each]
        while not isinstance(mapping, ResourceMapping):
            mapping = TABLE[mapping.owner]
        found |= handler_permissions(mapping.type)
    return found


def test_every_action_is_one_that_aws_itself_or_a_command_after_an_update_calls(
    networked: list[DeclaredResource],
) -> None:
    known = published({each.type for each in networked})
    commands = {action for each in AFTER_AN_UPDATE for _, action in (LOOK | ACT)[each]}
    known |= {action.lower() for action in commands - set(PROVIDERS_OWN)}
    unexplained = {
        action
        for action, _, _ in allowed(grants.deploy(names_of("prod"), DOMAIN))
        if action.lower() not in known and f"{action.partition(':')[0]}:*" not in known
    }
    assert unexplained == set(PROVIDERS_OWN)


@pytest.mark.parametrize("stack", STACKS)
def test_the_preview_role_only_reads(stack: str) -> None:
    actions = {action for action, _, _ in allowed(grants.preview(names_of(stack), DOMAIN))}
    # AWS counts a use of a key as a write, and API Gateway's verbs in no level of their own
    others = actions - {"apigateway:GET", "kms:Decrypt"}
    assert {reference.access_level(each) for each in others} == {"Read", "List"}


@pytest.mark.parametrize("role", [grants.deploy, grants.preview])
def test_what_is_granted_on_every_resource_has_no_resources_to_aws(role: Role) -> None:
    everywhere = {a for a, arn, _ in allowed(role(names_of("prod"), DOMAIN)) if arn == "*"}
    assert {each for each in everywhere if reference.has_resource_level(each)} == {
        # of composite alarms (CloudWatch API Reference: DescribeAlarms)
        "cloudwatch:DescribeAlarms"
    }


@pytest.mark.parametrize("role", [grants.deploy, grants.preview])
def test_every_condition_is_on_a_key_that_aws_judges_the_action_by(role: Role) -> None:
    strange = {
        (action, key)
        for action, _, condition in allowed(role(names_of("prod"), DOMAIN))
        for keys in (condition or {}).values()
        for key in keys
        if not reference.has_condition_key(action, key)
    }
    assert strange == set()


def test_ci_may_make_the_domain_of_its_stack_and_no_other() -> None:
    def domains(domain: str | None) -> set[str]:
        granted = allowed(grants.deploy(names_of("prod"), domain))
        return {arn.partition("::/")[2] for _, arn, _ in granted if "/domainnames" in arn}

    assert domains(None) == set()
    assert domains(DOMAIN) == {"domainnames", f"domainnames/{DOMAIN}", f"domainnames/{DOMAIN}/*"}


def test_ci_cannot_take_the_boundary_off_a_role() -> None:
    actions = {action for action, _, _ in allowed(grants.deploy(names_of("prod")))}
    assert "iam:DeleteRolePermissionsBoundary" not in actions


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
    names = names_of("prod")
    limits = {
        False: list(allowed(boundary(names, "apac.amazon.nova-micro-v1:0"))),
        True: list(allowed(operators_boundary(names))),
    }
    granted = [
        ("-operator-" in each.inputs["role"], action, arn, condition)
        for each in networked
        if each.type == "aws:iam/rolePolicy:RolePolicy"
        for action, arn, condition in allowed(json.loads(each.inputs["policy"])["Statement"])
    ]
    assert len(granted) > 100
    cut = [
        (action, arn)
        for is_operators, action, arn, condition in granted
        if not any(
            action == limit and covers(pattern, arn) and _within(condition, cap)
            for limit, pattern, cap in limits[is_operators]
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
            assert not re.match(
                "Create(?!Backup)|Delete(?!Item|Backup)|Put(?!Item)|Update(?!Item)|Schedule", verb
            )


def test_an_operator_changes_aliases_and_deletes_versions_but_nothing_else_within_theirs() -> None:
    actions = {action.lower() for action, _, _ in allowed(operators_boundary(names_of("dev")))}
    changes = {each for each in actions if reference.access_level(each) not in ("Read", "List")}
    assert {each for each in changes if not each.startswith("kms:")} == CHANGES


def test_ci_reaches_no_managed_policy_and_none_of_its_own_roles(stack: str) -> None:
    names = names_of(stack)
    roles = [names.arn(Arn.ROLE, role_name(names, kind)) for kind in ("deploy", "preview")]
    own = (*names.boundary_arns, names.ci_reads_arn, *roles)
    granted = {(action, pattern) for action, pattern, _ in allowed(grants.deploy(names, DOMAIN))}
    iam = {pattern for action, pattern in granted if action.startswith("iam:")}
    assert iam
    assert {(arn, pattern) for arn in own for pattern in iam if covers(pattern, arn)} == set()


def test_a_managed_policy_holds_each_boundary_and_what_both_roles_read(
    stack: str, deployment: Deployment
) -> None:
    found = [r for r in deployment(stack).resources if r.type == "aws:iam/policy:Policy"]
    assert len(found) == 3
    for policy in found:
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
    names = names_of("prod")
    assert set(bounded) == {names.boundary_arn, names.operators_boundary_arn}
    assert set(boundaries(declared["prod"])) == {None}
