"""CI's roles against the calls of every deployment: none refused, and nothing idle."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from checks.ci_roles.assignment import NoScopeError, assigned, computed, needed, unneeded
from checks.ci_roles.comparison import idle, refused
from checks.ci_roles.operations import deploy_calls
from checks.ci_roles.options import DOMAIN, names_of, variants
from checks.least_privilege.calls import Call
from components.iam.documents import Statement, allow, document
from deployment import grants
from deployment.settings import ENVIRONMENTS
from policies.rules.quotas import MAX_INLINE_CHARACTERS, MAX_MANAGED_CHARACTERS

ROLES: dict[str, Callable[..., list[Statement]]] = {
    "deploy": grants.deploy,
    "preview": grants.preview,
}
ON_ROLES = "arn:aws:iam::123456789012:role/goal-mandala-prod-*"

# the programs of three stacks are evaluated, without and with options, by the first test
pytestmark = pytest.mark.timeout(120)


def calls(stack: str, role: str) -> list[Call]:
    """What a role calls for a stack."""
    return [each for each in needed(stack) if each.principal == role]


def without_statement(statements: Sequence[Statement], action: str) -> list[Statement]:
    """All but the first statement with an action."""
    first = next(each for each in statements if action in each["Action"])
    return [each for each in statements if each is not first]


def test_the_roles_are_what_the_operations_of_all_stacks_take() -> None:
    assert json.loads(grants.ACTIONS.read_text()) == computed(), "run python -m checks.ci_roles"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_no_call_of_a_deployment_is_refused(stack: str, role: str) -> None:
    assert refused(ROLES[role](names_of(stack), DOMAIN), calls(stack, role)) == []


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_no_action_resource_or_condition_is_granted_without_a_call(stack: str) -> None:
    assert list(unneeded(stack)) == []


def test_each_statement_removed_makes_a_call_fail() -> None:
    names = names_of("prod")
    reads, changes = grants.preview(names, DOMAIN), grants.changes(names, DOMAIN)
    for removed in reads:
        rest = [each for each in reads if each is not removed]
        assert refused(rest, calls("prod", "preview")), removed
    for removed in changes:
        rest = [each for each in changes if each is not removed]
        assert refused([*rest, *reads], calls("prod", "deploy")), removed


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_both_policies_are_within_iams_limits(stack: str) -> None:
    # IAM User Guide: IAM and AWS STS quotas; characters without white space
    def characters(statements: list[Statement]) -> int:
        return len("".join(document(statements).split()))

    assert characters(grants.preview(names_of(stack), DOMAIN)) <= MAX_MANAGED_CHARACTERS
    assert characters(grants.changes(names_of(stack), DOMAIN)) <= MAX_INLINE_CHARACTERS


@pytest.mark.parametrize(
    ("action", "part_of_its_resource"),
    [
        ("lambda:GetFunctionConfiguration", ":function:goal-mandala-prod-workflow-start:*"),
        ("lambda:TagResource", ":event-source-mapping:*"),
        ("lambda:ListTags", ":event-source-mapping:*"),
        ("states:ValidateStateMachineDefinition", "*"),
        ("logs:CreateLogGroup", ":log-group:/aws/states/TaskGenerationWorkflow-prod:*"),
        ("logs:TagResource", ":log-group:/aws/states/TaskGenerationWorkflow-prod"),
        ("apigateway:AddCertificateToDomain", "/domainnames/api.example.com"),
        ("apigateway:POST", "/domainnames/api.example.com/apimappings"),
        (
            "secretsmanager:UpdateSecretVersionStage",
            ":secret:goal-mandala-prod-database-url-aB3dE6",
        ),
        ("dynamodb:DescribeTable", ":table/WorkflowExecution-prod"),
        ("iam:PassRole", ":role/goal-mandala-prod-state-machine-role"),
    ],
)
def test_a_deployment_makes_the_call(action: str, part_of_its_resource: str) -> None:
    found = {each.resource for each in calls("prod", "deploy") if each.action == action}
    assert any(each.endswith(part_of_its_resource) for each in found)


def test_what_encrypts_does_not_wait_for_the_keys_alias() -> None:
    without_alias = [
        each
        for each in calls("prod", "deploy")
        if each.action == "kms:CreateGrant" and "kms:ResourceAliases" not in dict(each.context)
    ]
    assert without_alias
    assert refused(grants.deploy(names_of("prod")), without_alias) == []


def test_a_role_is_made_with_the_boundary_and_no_other_way() -> None:
    made = [each for each in calls("prod", "deploy") if each.action == "iam:CreateRole"]
    unbounded = [Call(each.principal, each.action, each.resource) for each in made]
    statements = grants.deploy(names_of("prod"))
    assert refused(statements, made) == []
    assert refused(statements, unbounded) == unbounded != []


def test_a_part_that_no_call_needs_is_named() -> None:
    spare = allow(["iam:GetRole", "iam:ListRoleTags"], [ON_ROLES, f"{ON_ROLES}-spare"])
    call = Call("preview", "iam:GetRole", ON_ROLES.replace("*", "x"))
    assert idle([spare], [call]) == [
        "iam:ListRoleTags in statement 0, iam:GetRole ...",
        f"{ON_ROLES}-spare in statement 0, iam:GetRole ...",
    ]


def test_a_missing_permission_is_found() -> None:
    statements = without_statement(grants.deploy(names_of("prod"), DOMAIN), "kms:ListAliases")
    missing = {each.action for each in refused(statements, calls("prod", "deploy"))}
    assert {"states:ValidateStateMachineDefinition", "kms:ListAliases"} <= missing


def test_a_call_outside_every_scope_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Call("deploy", "iam:CreateRole", "arn:aws:iam::123456789012:role/another")
    assert [scope for _, scope in assigned(names_of("prod"), [stranger])] == [None]

    def only_that(_stack: str) -> tuple[Call, ...]:
        return (stranger,)

    monkeypatch.setattr("checks.ci_roles.assignment.needed", only_that)
    with pytest.raises(NoScopeError, match=r"iam:CreateRole on .*:role/another"):
        computed()


def test_a_changed_property_brings_its_call() -> None:
    (role, *_) = [each for each in variants("prod")[0] if each.type == "aws:iam/role:Role"]

    def actions(**more: Any) -> set[str]:
        described = replace(role, inputs={**role.inputs, **more})
        return {each.action for each in deploy_calls(names_of("prod"), [described])}

    new = actions(description="What it does") - actions()
    assert new == {"iam:UpdateRoleDescription"}
