"""The names that the provider makes of Pulumi's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.provision.facts import DEFAULTS, Failure, auto_name, facts_of
from localcloud.provision.facts.model import AutoNamed

SEED = b"engine's seed"


def named(
    type_: str,
    name: str,
    inputs: dict[str, Any] | None = None,
    *,
    seed: bytes = SEED,
    earlier: dict[str, Any] | None = None,
) -> Any:
    facts = facts_of(type_)
    assert facts is not None
    assert facts.auto_named is not None
    return auto_name(facts.auto_named, name, inputs or {}, seed, earlier=earlier or {})


def test_a_name_is_pulumis_and_seven_characters() -> None:
    made = named("aws:lambda/permission:Permission", "invoke")
    assert made.startswith("invoke-")
    assert len(made) == len("invoke-") + 7


def test_preview_and_update_agree_on_it_and_another_update_does_not() -> None:
    topic = "aws:sns/topic:Topic"
    assert named(topic, "alerts") == named(topic, "alerts")
    assert named(topic, "alerts") != named(topic, "alerts", seed=b"another")
    assert named(topic, "alerts", seed=b"") != named(topic, "alerts", seed=b"")


def test_what_the_program_names_keeps_its_name() -> None:
    assert named("aws:sns/topic:Topic", "alerts", {"name": "mine"}) is None
    assert named("aws:sns/topic:Topic", "alerts", {"namePrefix": "mine"}) is None


def test_a_made_up_name_stays_over_updates() -> None:
    earlier = {"name": "alerts-0000000", DEFAULTS: ["name"]}
    assert named("aws:sns/topic:Topic", "alerts", earlier=earlier) == "alerts-0000000"
    programs: dict[str, Any] = {"name": "mine", DEFAULTS: []}
    assert named("aws:sns/topic:Topic", "alerts", earlier=programs) != "mine"


def test_aliases_begin_and_fifo_queues_end_as_aws_wants_it() -> None:
    assert named("aws:kms/alias:Alias", "mine").startswith("alias/mine-")
    assert named("aws:kms/alias:Alias", "alias/mine").startswith("alias/mine-")
    assert named("aws:sqs/queue:Queue", "mine", {"fifoQueue": True}).endswith(".fifo")
    assert not named("aws:sqs/queue:Queue", "mine", {"fifoQueue": False}).endswith(".fifo")


def test_a_pulumi_name_that_leaves_no_room_is_refused() -> None:
    refused = named("aws:lambda/function:Function", "a" * 57)
    assert isinstance(refused, Failure)
    assert "plus 7 random chars is longer than maximum length 64" in refused.text()
    assert len(named("aws:lambda/function:Function", "a" * 56)) == 64


@given(st.text(min_size=1), st.integers(min_value=9, max_value=300), st.binary(min_size=1))
def test_a_made_up_name_is_never_longer_than_its_field(name: str, most: int, seed: bytes) -> None:
    made = auto_name(AutoNamed(property="name", max=most), name, {}, seed, earlier={})
    assert isinstance(made, Failure) == (len(name) + 8 > most)
    assert isinstance(made, Failure) or (made is not None and len(made) <= most)


@pytest.mark.parametrize("inputs", [{}, {"name": None}])
def test_nothing_is_no_name(inputs: dict[str, Any]) -> None:
    assert named("aws:sns/topic:Topic", "alerts", inputs) is not None
