"""What people reported of other packs: unknown types, and sources that name nobody."""

import json
from typing import Any

import pytest

from tests.policies.mutate import Resources, declare, set_input
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest
from tests.shared_inputs import shared_input


def violated(stacks: StacksUnderTest, after: Resources, changed: str) -> set[str]:
    """The policies that a changed prod violates."""
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    found = [*pack.analyze(after[changed]), *pack.analyze_stack(after.values())]
    return {each.policy for each in found}


def test_each_resource_of_an_unknown_type_is_a_violation(stacks: StacksUnderTest) -> None:
    path = shared_input("reports/07-pack-unknown-types/resources.json")
    resources: list[dict[str, Any]] = json.loads(path.read_text())
    assert resources
    for each in resources:
        after = declare(each["type"], "extra", each["inputs"])(stacks.program("prod"))
        assert "boundary-recognised-type" in violated(stacks, after, "extra"), each["type"]


def test_the_reported_trust_is_a_violation(stacks: StacksUnderTest) -> None:
    trust = shared_input("reports/08-pack-any-account/trust.json").read_text()
    after = set_input("workflow-role", "assumeRolePolicy", trust)(stacks.program("prod"))
    found = violated(stacks, after, "workflow-role")
    assert {"iam-trust", "access-own-source", "boundary-own-references"} <= found


@pytest.mark.parametrize(
    ("condition", "is_one"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:states:ap-northeast-1:123456789012:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:states:ap-northeast-1:1234*:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:*"}}, False),
        ({"StringLike": {"aws:SourceAccount": "1234567890??"}}, False),
        ({"StringLike": {"aws:SourceAccount": ["123456789012", "*"]}}, False),
    ],
    ids=str,
)
def test_a_source_counts_only_if_it_names_one_account(
    condition: dict[str, Any], stacks: StacksUnderTest, *, is_one: bool
) -> None:
    change = set_input("workflow-role", "assumeRolePolicy.Statement.0.Condition", condition)
    pack = stacks.pack("prod")
    pack.enable_only({"iam-trust"})
    found = list(pack.analyze(change(stacks.program("prod"))["workflow-role"]))
    assert [each.policy for each in found] == ([] if is_one else ["iam-trust"])
