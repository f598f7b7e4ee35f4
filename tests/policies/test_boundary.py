"""The stack's boundary: what the messages say, and what must stay silent."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from checks.pack.analyzer import analyzer, resources_of
from components.settings import ENVIRONMENTS
from declared.computed_outputs import computed_outputs
from declared.program import evaluate
from declared.resources import DeclaredResource
from policies.rules.boundary.recognised_types import RECOGNISED, RECOGNISED_IN, REFUSED
from tests.policies.mutants import names, references
from tests.policies.mutants.boundary import MUTANTS
from tests.policies.mutate import Mutant, all_changes, declare, set_input
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

BOUNDARY = frozenset(each for each in ALL_POLICIES if each.startswith("boundary-"))
NEAR_MISSES = [
    each
    for each in (*references.MUTANTS, *names.MUTANTS, *MUTANTS)
    if each.near_miss and each.policy in ("boundary-own-references", "boundary-declared-names")
]


def _deployed(resources: Iterable[DeclaredResource]) -> list[DeclaredResource]:
    """The resources with their ids and outputs, as the second preview has them."""
    provision = computed_outputs("123456789012", "ap-northeast-1")

    def deployed(resource: DeclaredResource) -> DeclaredResource:
        if not resource.type.startswith("aws:"):
            return resource
        id_, outputs = provision(resource)
        return replace(resource, inputs={**resource.inputs, "id": id_, **outputs})

    return [deployed(each) for each in resources]


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_what_an_earlier_deployment_made_is_the_stacks_own(
    stack: str, stacks: StacksUnderTest
) -> None:
    program = evaluate(stack, stacks.secrets)
    pack = stacks.pack(stack)
    pack.enable_only(BOUNDARY)
    assert list(pack.analyze_stack(_deployed(resources_of(program)))) == []


@pytest.mark.parametrize("mutant", NEAR_MISSES, ids=lambda mutant: mutant.what)
def test_no_policy_of_the_boundary_reports_a_near_miss(
    mutant: Mutant, stacks: StacksUnderTest
) -> None:
    assert stacks.violated(mutant, BOUNDARY) == set()


def test_an_unknown_type_is_told_the_line_that_allows_it(stacks: StacksUnderTest) -> None:
    pack = stacks.pack("prod")
    pack.enable_only(BOUNDARY)
    after = declare("aws:rds/instance:Instance", "database", {})(stacks.program("prod"))
    (violation,) = pack.analyze(after["database"])
    assert '"aws:rds/instance:Instance": "<their names>",' in violation.message
    assert "recognised_types.py" in violation.message


def test_a_refused_type_is_told_why(stacks: StacksUnderTest) -> None:
    pack = stacks.pack("prod")
    pack.enable_only(BOUNDARY)
    type_ = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    after = declare(type_, "attached", {})(stacks.program("prod"))
    (violation,) = pack.analyze(after["attached"])
    assert "write the grants in the role's own RolePolicy" in violation.message


def test_no_recognised_type_is_refused_too() -> None:
    everywhere = {type_ for type_ in RECOGNISED for start in REFUSED if type_.startswith(start)}
    engines = {"pulumi:providers:aws", "pulumi:providers:pulumi"}
    assert everywhere == engines  # boundary-own-provider judges them
    assert all(any(type_.startswith(start) for start in REFUSED) for _, type_ in RECOGNISED_IN)


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("arn:aws:sns:ap-northeast-1:999999999999:collect", "it is of the account 999999999999"),
        ("arn:aws:sns:us-east-1:123456789012:collect", "it is of the region us-east-1"),
        ("arn:aws-cn:sns:cn-north-1:123456789012:collect", "it is of the partition aws-cn"),
        ("arn:aws:sns:ap-northeast-1:123456789012:", "it is not a whole ARN"),
        (
            "arn:aws:sns:ap-northeast-1:123456789012:collect",
            "nothing that the stack declares has this ARN",
        ),
    ],
)
def test_a_violation_names_the_property_the_reference_and_the_reason(
    topic: str, reason: str, stacks: StacksUnderTest
) -> None:
    pack = stacks.pack("prod")
    pack.enable_only({"boundary-own-references"})
    after = set_input("alarms-outage", "alarmActions", [topic])(stacks.program("prod"))
    (violation,) = pack.analyze_stack(after.values())
    assert violation.urn == after["alarms-outage"].urn
    assert violation.message.startswith(f"alarmActions.0 names {topic}: {reason}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://a:hunter2@db.example.net/x", "postgresql://db.example.net:"),
        ("https://chat.example.net/services/hunter2", "https://chat.example.net:"),
        ("https://s3.amazonaws.com/x?signature=hunter2", "https://s3.amazonaws.com/x:"),
        ("chat.example.net/services/hunter2", "chat.example.net:"),
    ],
)
def test_the_message_about_a_host_repeats_no_secret(
    url: str, shown: str, stacks: StacksUnderTest
) -> None:
    pack = stacks.pack("prod")
    pack.enable_only({"boundary-own-references"})
    change = set_input("functions-workflow-start", "environment.variables.X", url)
    (violation,) = pack.analyze_stack(change(stacks.program("prod")).values())
    assert f"environment.variables.X names {shown}" in violation.message
    assert "hunter2" not in violation.message


def test_a_secrets_value_and_another_stacks_exports_are_not_judged(
    stacks: StacksUnderTest,
) -> None:
    change = all_changes(
        set_input("secrets-jwt-secret-value", "secretString", "999999999999"),
        declare(
            "pulumi:pulumi:StackReference",
            "product",
            {"name": "organization/product/prod", "outputs": {"key": "https://a.example.net"}},
        ),
    )
    pack = stacks.pack("prod")
    pack.enable_only(BOUNDARY)
    assert list(pack.analyze_stack(change(stacks.program("prod")).values())) == []


def test_a_typing_error_is_answered_with_the_nearest_name(stacks: StacksUnderTest) -> None:
    pack = stacks.pack("prod")
    pack.enable_only({"boundary-declared-names"})
    change = set_input("reconciliation-sweep-target", "rule", "goal-mandala-prod-reconcile-swep")
    (violation,) = pack.analyze_stack(change(stacks.program("prod")).values())
    assert "but goal-mandala-prod-reconcile-sweep" in violation.message


def test_the_boundary_of_a_stack_without_resources_is_silent(stacks: StacksUnderTest) -> None:
    with analyzer("prod", stacks.config("prod"), stacks.secrets) as pack:
        pack.enable_only(BOUNDARY)
        assert list(pack.analyze_stack([])) == []
