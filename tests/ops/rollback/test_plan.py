"""Where a rollback goes, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.problems import OperatorError
from ops.rollback.difference import difference
from ops.rollback.plan import Move, Owner, before_last_deployment, moves, read_targets
from ops.rollback.versions import Content

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def owner(name: str, live: int, *times: datetime) -> Owner:
    return Owner(name, live, dict(enumerate(times, start=1)))


def test_previous_is_the_state_before_the_last_deployment() -> None:
    owners = [
        owner("state-machine", 2, MONDAY, FRIDAY + timedelta(minutes=4)),
        owner("workflow-start", 2, MONDAY, FRIDAY),
        # the last deployment did not change it
        owner("slack-notifier", 2, MONDAY - timedelta(days=7), MONDAY),
    ]
    assert before_last_deployment(owners) == {
        "state-machine": 1,
        "workflow-start": 1,
        "slack-notifier": 2,
    }


def test_previous_is_the_same_after_it_was_done() -> None:
    before, after = (owner("workflow-start", live, MONDAY, FRIDAY) for live in (2, 1))
    assert before_last_deployment([before]) == before_last_deployment([after])
    assert moves([after], before_last_deployment([after]))[0].is_done


def test_a_function_that_the_last_deployment_created_stays_out() -> None:
    owners = [owner("workflow-start", 2, MONDAY, FRIDAY), owner("slack-notifier", 1, FRIDAY)]
    assert before_last_deployment(owners) == {"workflow-start": 1}


def test_without_an_earlier_deployment_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(OperatorError, match="no version from before the last deployment"):
        before_last_deployment([owner("workflow-start", 1, MONDAY)])


def test_the_machine_moves_before_the_functions() -> None:
    owners = [owner("workflow-start", 2, MONDAY, FRIDAY), owner("state-machine", 2, MONDAY, FRIDAY)]
    planned = moves(owners, {"workflow-start": 1, "state-machine": 2})
    assert planned == [Move("state-machine", 2, 2, True), Move("workflow-start", 2, 1, False)]


def test_a_version_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(OperatorError, match=r"--to workflow-start=7: .* only 1, 2"):
        moves([owner("workflow-start", 2, MONDAY, FRIDAY)], {"workflow-start": 7})


@pytest.mark.parametrize("text", ["workflow-start", "workflow-start=live", "other=1", "=1"])
def test_a_target_is_a_known_name_and_a_number(text: str) -> None:
    with pytest.raises(OperatorError, match=f"--to {text}: give NAME=VERSION"):
        read_targets([text], ["workflow-start"])


def test_the_difference_shows_facts_but_no_values_of_variables() -> None:
    old = Content({"time-out": "120 s", "memory": "1 MB", "variable TOKEN": "before"})
    new = Content({"time-out": "180 s", "memory": "1 MB", "variable TOKEN": "after"})
    assert difference(old, new) == ["time-out: 120 s -> 180 s", "variable TOKEN: changes"]


def test_the_difference_of_definitions_is_the_lines_that_changed() -> None:
    old, new = (Content({}, f'{{"TimeoutSeconds": {seconds}}}') for seconds in (900, 5))
    lines = difference(old, new)
    assert '- "TimeoutSeconds": 900' in lines
    assert '+ "TimeoutSeconds": 5' in lines
