"""The list of what the pack lets pass is complete, and nothing in it is reported any more."""

import random
from collections.abc import Generator

import pytest

from tests.policies.survivors.judge import environment
from tests.policies.survivors.listed import Entry, entries, stale, unlisted
from tests.policies.survivors.mutations import Kind
from tests.policies.survivors.stack import STACK, MutatedStack, mutated_stack, settings

SAMPLE = 40
"""Properties that are tried in `make test`; the seed is fixed, so that it fails again."""


@pytest.fixture(scope="module")
def stack() -> Generator[MutatedStack]:
    """The mutated stack, and its configuration in the environment."""
    config, secret_keys = settings()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment(STACK, config, secret_keys).items():
            patched.setenv(name, value)
        yield mutated_stack(config)


def test_every_survivor_of_a_sample_is_listed_and_what_is_listed_survives(
    stack: MutatedStack,
) -> None:
    few = {(kind.type, kind.property) for kind, made in stack.mutants.items() if len(made) <= 20}
    sample = set(random.Random(2026).sample(sorted(few), SAMPLE))
    survivors = stack.survivors(k for k in stack.mutants if (k.type, k.property) in sample)
    assert unlisted(survivors, entries()) == [], "report it by a policy, or list it"
    listed = {(entry.type, each) for entry in entries() for each in entry.properties}
    assert sample & listed <= {(kind.type, kind.property) for kind in survivors}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_list_is_exactly_what_survives(stack: MutatedStack) -> None:
    survivors = stack.survivors(stack.mutants)
    assert unlisted(survivors, entries()) == []
    assert stale(survivors, entries()) == []


def test_every_entry_has_a_reason() -> None:
    assert [entry for entry in entries() if not entry.reason.strip()] == []


def test_the_mutants_are_of_every_kind_of_change(stack: MutatedStack) -> None:
    assert {kind.mutation for kind in stack.mutants} == {
        *("drop", "widen", "flip", "more", "less", "rename", "empty", "other account", "swap")
    }


def test_a_listed_kind_that_is_reported_is_stale_and_a_new_survivor_unlisted() -> None:
    survivor = Kind("aws:sqs/queue:Queue", "delaySeconds", "more")
    entry = Entry("aws:sqs/queue:Queue", ("delaySeconds", "other"), "a reason", ("more", "less"))
    assert unlisted([survivor], [entry]) == []
    assert stale([survivor], [entry]) == [(entry, "other"), (entry, "less")]
    other = Kind("aws:sns/topic:Topic", "delaySeconds", "more")
    assert unlisted([other], [entry]) == [other]


def test_a_star_stands_for_any_text_and_brackets_for_themselves() -> None:
    entry = Entry("aws:*", ("a[].*.c",), "a reason")
    assert entry.lists(Kind("aws:sqs/queue:Queue", "a[].b.c", "drop"))
    assert not entry.lists(Kind("aws:sqs/queue:Queue", "ab.b.c", "drop"))
