"""The operators' two roles: who may assume them, for how long, and what each is granted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.iam.documents import document
from components.iam.operator_calls import ACT, LOOK
from components.iam.operator_grants import CALLS, operator_policy
from components.names import Names
from components.settings import SettingsError, parse
from declared.program import Program, evaluate
from declared.throwaway_secrets import throwaway_secrets
from policies.authorization_reference import access_level
from policies.operators import CHANGES
from tests.components.conftest import OF_DEV, SECRETS

ALICE = "arn:aws:iam::123456789012:user/alice"
NIGHT = "arn:aws:iam::123456789012:role/team/Night"
MAX_INLINE_CHARACTERS = 10_240


@pytest.fixture(scope="module")
def program() -> Program:
    """The stack dev with two operators."""
    operators = {"goal-mandala:operators": json.dumps([ALICE, NIGHT])}
    return evaluate("dev", {**throwaway_secrets(), **operators})


def inputs_of(program: Program, name: str) -> dict[str, Any]:
    return next(each.inputs for each in program.resources if each.name == name)


def actions(kind: str, names: Names) -> Iterator[str]:
    for statement in operator_policy(kind, names):
        yield from statement["Action"]


def test_without_operators_there_are_no_such_roles() -> None:
    found = evaluate("dev", throwaway_secrets()).resources
    assert [each.name for each in found if "operators" in each.name] == []


@pytest.mark.parametrize("kind", CALLS)
def test_named_people_assume_a_role_with_a_second_factor_for_an_hour(
    kind: str, program: Program
) -> None:
    role = inputs_of(program, f"operators-{kind}")
    assert role["name"] == f"goal-mandala-dev-operator-{kind}"
    assert role["maxSessionDuration"] == 3600
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": [ALICE, NIGHT]},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    policy = inputs_of(program, f"operators-{kind}-policy")
    names = Names("dev", "123456789012", "ap-northeast-1")
    assert policy["policy"] == document(operator_policy(kind, names))


def test_look_only_reads_and_act_makes_the_packs_changes(names: Names) -> None:
    def changes(kind: str) -> set[str]:
        return {
            action.lower()
            for action in actions(kind, names)
            if access_level(action) not in ("Read", "List") and not action.startswith("kms:")
        }

    assert changes("look") == set()
    assert changes("act") == CHANGES


@pytest.mark.parametrize("kind", CALLS)
def test_a_policy_fits_into_a_role_of_the_longest_stack_name(kind: str) -> None:
    names = Names("staging", "123456789012", "ap-southeast-1")
    policy = json.loads(document(operator_policy(kind, names)))
    text = json.dumps(policy, separators=(",", ":"))  # IAM counts no white space
    assert len(text) < MAX_INLINE_CHARACTERS


def test_every_command_that_changes_something_changes_it_by_act() -> None:
    for command, calls in (LOOK | ACT).items():
        changed = {action for _, action in calls if action.lower() in CHANGES}
        assert bool(changed) == (command in ACT), command


@pytest.mark.parametrize(
    ("operators", "problem"),
    [
        (["arn:aws:iam::999999999999:user/alice"], "is not of account 123456789012"),
        (["arn:aws:iam::123456789012:root"], r"operators\.0"),
        (["arn:aws:iam::123456789012:user/*"], r"operators\.0"),
        (["alice"], r"operators\.0"),
        ([ALICE] * 21, "at most 20 items"),
    ],
)
def test_an_operator_is_a_named_principal_of_the_stacks_account(
    operators: list[str], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        parse({**OF_DEV, **SECRETS, "operators": json.dumps(operators)}, {})
