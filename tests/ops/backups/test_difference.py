"""Which live items are damaged, and which only went on: by the program's own writes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.storage.items import serialised
from ops.backups.difference import Difference, Verdict, compare, mended, verdict
from ops.backups.items import Item, key_of

NOW = 1_800_000_000.0
LATER = NOW + 1000


def record(**changes: Any) -> Item:
    return serialised(
        {
            "pk": "e",
            "sk": "execution",
            "goalId": "g",
            "status": "RUNNING",
            "totalActions": 2,
            "inputTokens": 10,
            "ttl": int(LATER),
            **changes,
        }
    )


def action(**changes: Any) -> Item:
    return serialised(
        {
            "pk": "e",
            "sk": "action#a",
            "status": "GENERATING",
            "context": {"goalTitle": "完走する"},
            "attempts": 1,
            "callsEnded": 1,
            "ttl": int(LATER),
            **changes,
        }
    )


def tasks(**changes: Any) -> Item:
    kept = {"pk": "e", "sk": "tasks#a", "tasks": [{"title": "走る"}], "ttl": int(LATER)}
    return serialised({**kept, **changes})


def judged(saved: Item, live: Item | None, running: str = "") -> Verdict:
    return verdict(saved, live, running={running}, now=NOW)


def without(item: Item, name: str) -> Item:
    return {key: value for key, value in item.items() if key != name}


@pytest.mark.parametrize(
    ("saved", "live"),
    [
        (record(), record(status="SUCCEEDED", stoppedAt="t", succeededActions=2)),
        (record(), record(totalActions=5)),
        (record(itemCount=2), record(itemCount=4)),
        (record(turnAt="t", turn="ticket"), record()),
        (record(turnAt="t", turn="ticket"), record(turnAt="u", turn="ticket")),
        (record(status="SUCCEEDED"), record(status="SUCCEEDED", inputTokens=11)),
        (action(), action(status="SAVED", taskCount=3)),
        (action(status="GENERATED"), action(status="FAILED", errorCode="SAVE_FAILED")),
        (action(), action(attempts=2, errorDetail="throttled")),
        (action(status="SAVED"), action(status="SAVED", callsEnded=2)),
        (action(), action(aNewRelease="adds an attribute")),
        (
            serialised({"pk": "idempotency#x", "sk": "key", "executionId": "1"}),
            serialised({"pk": "idempotency#x", "sk": "key", "executionId": "2"}),
        ),
    ],
)
def test_what_the_program_may_have_written_is_newer(saved: Item, live: Item) -> None:
    assert judged(saved, live) == Verdict.NEWER


@pytest.mark.parametrize(
    ("saved", "live"),
    [
        (record(status="SUCCEEDED"), record(status="RUNNING")),
        (record(status="SUCCEEDED"), record(status="ABORTED")),
        (record(status="SUCCEEDED", taskCount=3), record(status="SUCCEEDED", taskCount=0)),
        (record(), record(goalId="another")),
        (record(), record(inputTokens=9)),
        (record(itemCount=4), record(itemCount=2)),
        (record(), record(inputTokens="ten")),
        (record(), without(record(), "status")),
        (record(), record(status="OVER")),
        (action(), action(status="PENDING")),
        (action(status="SAVED"), action(status="FAILED")),
        (action(), action(context={"goalTitle": "歩く"})),
        (action(), without(action(), "attempts")),
        (tasks(), tasks(tasks=[])),
        (tasks(), tasks(ttl=0)),
    ],
)
def test_what_the_program_cannot_have_written_is_damaged(saved: Item, live: Item) -> None:
    assert judged(saved, live) == Verdict.DAMAGED


def test_what_is_gone_is_missing_unless_it_had_expired() -> None:
    assert judged(record(), None) == Verdict.MISSING
    assert judged(record(ttl=int(NOW)), None) == Verdict.EXPIRED
    assert judged(without(record(), "ttl"), None) == Verdict.MISSING


def test_an_execution_at_work_is_left_alone() -> None:
    assert judged(record(), None, running="e") == Verdict.RUNNING
    assert judged(action(), action(status="PENDING"), running="e") == Verdict.RUNNING
    assert judged(action(), action(attempts=2), running="e") == Verdict.NEWER


def test_another_execution_at_work_changes_nothing() -> None:
    assert judged(record(), None, running="f") == Verdict.MISSING
    assert judged(action(), action(status="PENDING"), running="f") == Verdict.DAMAGED


def test_every_item_is_counted_once_and_by_name() -> None:
    saved = [record(), action(), tasks(), action(sk="action#b"), tasks(sk="tasks#b", ttl=1)]
    live = [record(), action(status="PENDING"), tasks(), record(pk="f")]
    found = compared(saved, live)
    assert (found.saved, found.live, found.same, found.to_copy) == (5, 4, 2, 2)
    assert found.damaged == {"e action#a": ["status"]}
    assert found.missing == ["e action#b"]
    assert found.expired == ["e tasks#b"]
    assert found.only_live == ["f execution"]


def test_of_a_damaged_item_only_what_is_damaged_is_overwritten() -> None:
    live = record(goalId="another", status="ABORTED", stoppedAt="t", inputTokens=12)
    assert compared([record()], [live]).damaged == {"e execution": ["goalId"]}
    assert mended(record(), live) == {**live, "goalId": {"S": "g"}}
    backwards = record(goalId="another", inputTokens=9)
    assert mended(record(), backwards) == record()
    assert mended(record(turnAt="t"), record(goalId="another")) == record()


statuses = st.sampled_from(["PENDING", "GENERATING", "GENERATED", "SAVED", "FAILED"])


@given(statuses, statuses, st.integers(0, 3), st.integers(0, 3))
def test_of_two_different_states_only_one_can_have_come_later(
    one: str, other: str, attempts: int, more: int
) -> None:
    first, second = action(status=one, attempts=attempts), action(status=other, attempts=more)
    verdicts = {judged(first, second), judged(second, first)}
    if first == second:
        assert verdicts == {Verdict.SAME}
    else:
        assert Verdict.DAMAGED in verdicts


@given(st.data())
def test_a_mended_item_is_damaged_no_longer(data: st.DataObject) -> None:
    value = st.sampled_from([{"S": "SAVED"}, {"S": "PENDING"}, {"S": "x"}, {"N": "1"}, {"N": "3"}])
    saved = data.draw(st.sampled_from([record(), action(), action(status="SAVED"), tasks()]))
    names = st.sampled_from(sorted({*saved, "other", "taskCount"} - {"pk", "sk"}))
    changed = data.draw(st.dictionaries(names, value))
    gone = data.draw(st.sets(names))
    live = {name: each for name, each in {**saved, **changed}.items() if name not in gone}
    assert judged(saved, mended(saved, live)) in (Verdict.SAME, Verdict.NEWER)


def compared(saved: list[Item], live: list[Item]) -> Difference:
    by_key = ({key_of(item): item for item in items} for items in (saved, live))
    return compare(*by_key, running=(), now=NOW)
