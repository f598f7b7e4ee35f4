"""The model of costs: exact arithmetic, and a document that is the model's."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bench.cost import original, ours
from bench.cost.document import FILE, document, goal_costs, total
from bench.cost.goal import Goal
from bench.cost.prices import cost, prices

GOAL = Goal()


def test_the_document_is_what_the_model_says() -> None:
    assert FILE.read_text() == document(), "python -m bench.cost"


def test_a_price_is_multiplied_exactly() -> None:
    assert cost({"transition": 216}) == {"transition": Decimal("0.0054")}


def test_an_item_without_a_price_is_an_error() -> None:
    with pytest.raises(KeyError, match="moonbeam"):
        cost({"moonbeam": 1})


def test_each_price_names_its_source_and_day() -> None:
    for price in prices().values():
        assert price.usd > 0
        assert price.source
        assert price.read >= date(2026, 11, 29)


def test_a_model_without_a_price_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"other\.model has no price in ap-northeast-1"):
        replace(GOAL, model="other.model").token_cost(100)


def test_transitions_are_those_of_either_definition() -> None:
    assert ours.transitions(GOAL) == 80
    assert original.transitions(GOAL) == 216
    assert ours.transitions(replace(GOAL, batch_size=6)) == 64 + 11 + 8


def test_costs_grow_in_step_with_the_actions() -> None:
    one, ten = (total(goal_costs(replace(GOAL, actions=n))[0]) for n in (64, 640))
    assert 9 < ten / one < 10.1


def test_without_its_tokens_a_goal_costs_less_than_half_of_the_originals_shape() -> None:
    mine, theirs = goal_costs(GOAL)
    own = total(mine) - mine["model tokens"]
    assert own / (total(theirs) - theirs["model tokens"]) < Decimal("0.5")


def test_a_second_call_costs_its_tokens_and_two_writes_of_an_item() -> None:
    one, all_hedged = (replace(GOAL, hedged_share=share) for share in (0, 1))
    tokens = GOAL.token_cost(GOAL.input_tokens)
    assert all_hedged.token_cost(GOAL.input_tokens) == 2 * tokens
    assert ours.write_units(all_hedged) - ours.write_units(one) == 64 * 2 * 3
    more = total(goal_costs(all_hedged)[0]) - total(goal_costs(one)[0])
    assert more == tokens + cost({"write_unit": 64 * 2 * 3})["write_unit"]
