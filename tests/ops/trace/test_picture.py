"""What is drawn of an execution."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from ops.trace.attempts import Attempt, AttemptOutcome, EnteredState
from ops.trace.curves import highest, in_flight, tokens
from ops.trace.picture import alike, error_counts, picture, without_repetition
from tests.ops.trace.parts import at, attempt, generated, item, record

NOW = at(99)


def test_actions_stand_in_the_order_of_the_map_around_their_sub_goals() -> None:
    items = [item("c", sub_goal="two"), item("a", sub_goal="one"), item("b", sub_goal="one")]
    states = [generated(name, attempt(1, 2)) for name in ("a", "b", "c")]

    drawn = picture(record(), items, states, NOW)

    assert [(a.action_id, a.place) for a in drawn.actions] == [
        ("a", "1-1"),
        ("b", "1-2"),
        ("c", "2-1"),
    ]


def test_an_action_that_never_began_is_there_without_attempts() -> None:
    items = [item("late", ActionStatus.FAILED, error_code="EXECUTION_TIMED_OUT"), item("a")]

    drawn = picture(record(), items, [generated("a", attempt(1, 2))], NOW)

    assert [(a.action_id, len(a.attempts)) for a in drawn.actions] == [("a", 1), ("late", 0)]
    assert [a.error_code for a in drawn.failed] == ["EXECUTION_TIMED_OUT"]


def test_waits_are_between_attempts_and_repairs_are_calls_beyond_one_each() -> None:
    state = generated("a", attempt(1, 2, "Boom"), attempt(4, 5, "Boom"), attempt(9, 10))

    (action,) = picture(record(), [item("a", attempts=3, calls_started=5)], [state], NOW).actions

    assert action.waits == [(at(2), at(4)), (at(5), at(9))]
    assert (action.retries, action.repairs) == (2, 2)


def test_errors_are_counted_by_attempt() -> None:
    states = [
        generated("a", attempt(1, 2, "Rare"), attempt(3, 4)),
        generated("b", attempt(1, 2, "Often"), attempt(3, 4, "Often")),
    ]

    drawn = picture(record(), [item("a"), item("b")], states, NOW)

    assert list(error_counts(drawn.actions).items()) == [("Often", 2), ("Rare", 1)]


def test_a_running_execution_reaches_to_now() -> None:
    states = [generated("a", attempt(1, None))]

    drawn = picture(record(ExecutionStatus.RUNNING), [item("a")], states, NOW)

    assert drawn.ends_at == NOW
    assert highest(in_flight(drawn)) == 1
    assert in_flight(drawn)[-1] == (NOW, 0)


def test_a_wait_for_the_turn_is_a_phase_between_two_looks() -> None:
    names = ("Prepare", "TurnHasCome", "WaitForTurn", "Prepare", "TurnHasCome", "GenerateAll")
    states = [
        EnteredState(name, at(second), at(second + 1), {}, ()) for second, name in enumerate(names)
    ]

    drawn = picture(record(), [], states, NOW)

    assert [each.name for each in drawn.phases] == ["prepare", "wait", "prepare", "generate"]


def test_who_hands_over_at_the_same_moment_does_not_count_twice() -> None:
    states = [generated("a", attempt(1, 2)), generated("b", attempt(2, 3))]

    drawn = picture(record(), [item("a"), item("b")], states, NOW)

    assert in_flight(drawn) == [(at(1), 1), (at(2), 1), (at(3), 0)]


def test_tokens_add_up_as_actions_end() -> None:
    items = [item("a", ended_at=at(4).isoformat()), item("b", ended_at=at(2).isoformat())]

    assert tokens(picture(record(), items, [], NOW)) == [(at(2), 1400), (at(4), 2800)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=20))
def test_no_more_are_in_flight_than_there_are_and_at_the_end_none(
    spans: list[tuple[int, int]],
) -> None:
    names = [str(number) for number in range(len(spans))]
    states = [
        generated(name, attempt(start, start + length))
        for name, (start, length) in zip(names, spans, strict=True)
    ]

    curve = in_flight(picture(record(), [item(name) for name in names], states, NOW))

    assert all(0 <= value <= len(spans) for _, value in curve)
    assert curve[-1][1] == 0
    assert highest(curve) >= 1


def all_from(second: float) -> EnteredState:
    return EnteredState("GenerateAll", at(second), None, {}, ())


def test_work_is_told_apart_from_waiting() -> None:
    taken_up_late = Attempt(at(3), at(6), AttemptOutcome.SUCCEEDED, ran_at=at(4))
    states = [all_from(0), generated("a", attempt(1, 2, "Boom"), taken_up_late)]

    drawn = picture(record(), [item("a")], states, NOW)
    (action,) = drawn.actions

    assert action.queue == (at(0), at(1))
    assert action.waits == [(at(2), at(4))]
    assert (drawn.working(action), action.waiting) == (3, 3)
    assert in_flight(drawn) == [(at(1), 1), (at(2), 0), (at(4), 1), (at(6), 0)]


def test_an_action_that_never_began_waited_until_its_end() -> None:
    (action,) = picture(
        record(), [item("a", ended_at=at(7).isoformat())], [all_from(2)], NOW
    ).actions

    assert (action.queue, action.waiting) == ((at(2), at(7)), 5)


def test_an_open_attempt_works_on() -> None:
    drawn = picture(
        record(ExecutionStatus.RUNNING), [item("a")], [generated("a", attempt(1, None))], NOW
    )

    assert drawn.working(drawn.actions[0]) == 98


def test_actions_without_an_attempt_that_ended_in_the_same_way_are_one_row() -> None:
    aborted: dict[str, Any] = {"error_code": "EXECUTION_ABORTED"}
    never = [item(str(n), ActionStatus.FAILED, **aborted) for n in range(62)]
    other = item("other", ActionStatus.FAILED, error_code="EXECUTION_TIMED_OUT")
    begun = [item("a"), item("b")]
    states = [generated(name, attempt(1, 2)) for name in ("a", "b")]

    drawn = picture(record(), [*begun, *never, other], states, NOW)

    assert [len(group) for group in without_repetition(drawn.actions)] == [1, 1, 62, 1]
    assert [len(group) for group in alike(drawn.failed)] == [62, 1]
