"""Every policy objects to programs that are wrong, and to no other."""

import re

import pytest

from policies.pack import policies
from tests.policies.matrix import DOCUMENT, EVERY, MUTANTS, Laboratory, render
from tests.policies.mutate import Mutant


@pytest.mark.parametrize(
    "mutant",
    MUTANTS,
    ids=lambda mutant: f"{mutant.policy}: {mutant.what}",
)
def test_a_policy_kills_its_mutants_and_passes_near_misses(mutant: Mutant, lab: Laboratory) -> None:
    objecting = lab.judge(mutant, frozenset({mutant.policy}))
    assert objecting == (set() if mutant.near_miss else {mutant.policy})


def test_every_policy_has_a_mutant_and_a_near_miss() -> None:
    names = {policy.name for policy in policies()}
    assert len(names) == len(policies())
    assert {mutant.policy for mutant in MUTANTS if not mutant.near_miss} == names
    assert {mutant.policy for mutant in MUTANTS if mutant.near_miss} == names


def test_the_document_tells_of_every_policy_and_mutant() -> None:
    expected = [(m, set[str]() if m.near_miss else {m.policy}) for m in MUTANTS]
    assert _without_the_others(DOCUMENT.read_text()) == _without_the_others(render(expected)), (
        "write it anew: python -m tests.policies.matrix"
    )


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_document_tells_who_else_objects(lab: Laboratory) -> None:
    verdicts = [(mutant, lab.judge(mutant, EVERY)) for mutant in MUTANTS]
    assert DOCUMENT.read_text() == render(verdicts)


def _without_the_others(document: str) -> str:
    """The last column of the mutants' table takes the whole matrix, a minute."""
    table, mutants = document.split("## Mutants")
    return table + re.sub(r"\|[^|\n]*\|$", "|", mutants, flags=re.MULTILINE)
