"""Each policy reports the mutants that are made for it, and no near miss."""

import re

import pytest

from policies.pack import policies
from tests.policies.matrix import DOCUMENT, render
from tests.policies.mutants import MUTANTS
from tests.policies.mutate import Mutant
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.policy}: {mutant.what}")
def test_a_policy_reports_its_mutants_and_no_near_miss(
    mutant: Mutant, stacks: StacksUnderTest
) -> None:
    violated = stacks.violated(mutant, {mutant.policy})
    assert violated == (set() if mutant.near_miss else {mutant.policy})


def test_every_policy_has_a_mutant_and_a_near_miss() -> None:
    names = {policy.name for policy in policies()}
    assert len(names) == len(policies())
    assert {mutant.policy for mutant in MUTANTS if not mutant.near_miss} == names
    assert {mutant.policy for mutant in MUTANTS if mutant.near_miss} == names


def test_the_document_lists_every_policy_and_mutant() -> None:
    expected = [(m, set[str]() if m.near_miss else {m.policy}) for m in MUTANTS]
    assert _without_other_policies(DOCUMENT.read_text()) == _without_other_policies(
        render(expected)
    ), "run python -m tests.policies.matrix"


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_document_lists_the_other_violated_policies(stacks: StacksUnderTest) -> None:
    results = [(mutant, stacks.violated(mutant, ALL_POLICIES)) for mutant in MUTANTS]
    assert DOCUMENT.read_text() == render(results)


def _without_other_policies(document: str) -> str:
    """The document without the mutants' last column, which needs all policies over all mutants."""
    table, mutants = document.split("## Mutants")
    return table + re.sub(r"\|[^|\n]*\|$", "|", mutants, flags=re.MULTILINE)
