"""Every condition of the protocol is needed: without it an invariant breaks."""

import pytest

from chaos.protocol.mutants import REDUNDANT, conditions, kill
from chaos.protocol.scenarios import (
    AGAIN,
    CANCEL,
    EVENTS,
    NEXT,
    NEXT_TO_CANCEL,
    ONE_KEY,
    ONE_KEY_AGAIN,
    SAVE,
    SCENARIOS,
    STARTS,
)

KILLERS = {
    "attempt: only an open action": CANCEL,
    "cancel: only before saving": CANCEL,
    "cancel: only the holder": NEXT_TO_CANCEL,
    "end: a cancel stays": CANCEL,
    "end: only the holder": NEXT,
    "fail: only from": EVENTS,
    "items: those there stay": CANCEL,
    "keep: only of an open action": CANCEL,
    "key: moved once": ONE_KEY_AGAIN,
    "key: released if no other request has it": ONE_KEY,
    "prepare: holder, GENERATING": CANCEL,
    "prepare: the row stays locked": CANCEL,
    "record: begins once": ONE_KEY,
    "record: ends once": CANCEL,
    "release: only the holder": NEXT,
    "save: a repeated insert does nothing": SAVE,
    "save: only in its phases": SAVE,
    "save: only the holder": NEXT_TO_CANCEL,
    "save: the phase becomes SAVING": SAVE,
    "save: users' tasks stay": AGAIN,
    "take: only a free row": STARTS,
    "usage: only a later sum": CANCEL,
}
"""Where each condition's lack shows first."""


@pytest.mark.soak  # explores every scenario once more
def test_every_condition_is_known() -> None:
    assert set(conditions(SCENARIOS)) == {*KILLERS, *REDUNDANT}


@pytest.mark.parametrize("condition", KILLERS)
def test_without_the_condition_an_invariant_breaks(condition: str) -> None:
    assert kill(condition, [KILLERS[condition]])


@pytest.mark.soak
@pytest.mark.parametrize("condition", REDUNDANT)
def test_without_a_redundant_condition_every_invariant_holds(condition: str) -> None:
    assert kill(condition, SCENARIOS) is None
