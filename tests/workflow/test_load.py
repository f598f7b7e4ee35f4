"""Many goals at once: all end, every answer is documented, and users with few goals pass."""

from http import HTTPStatus

import pytest
from rich.console import Console

from bench.fairness import waits_of
from bench.load import HEAVY, Load, Result, apply, run
from bench.load import report as lines
from bench.memory import LARGEST
from handlers.contract.clock import utc_now
from handlers.storage.turns import Turns
from tests.workflow.refusals import Report
from tests.workflow.stage import Stage

DOCUMENTED = {
    HTTPStatus.OK,
    HTTPStatus.ACCEPTED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}


def check(load: Load, result: Result) -> None:
    assert set(result.answers) <= DOCUMENTED
    assert result.endings == {"SUCCEEDED": load.goals}
    assert sum(map(len, result.waits.values())) == load.goals


def test_goals_that_start_at_once_wait_and_all_end(stage: Stage) -> None:
    turns = Turns(stage.state.client("dynamodb"), stage.state.table_name)
    assert turns.pay(turns.budget(), utc_now().timestamp() + 10, "others")
    load = Load(goals=6, users=3, actions=1, at_once=6, drain_seconds=1, latency_seconds=0)
    result = apply(load, stage.state, stage.calls.parents[1], print)
    check(load, result)
    assert turns.read().before == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "load",
    [
        Load(goals=50, users=10, actions=2, at_once=50, drain_seconds=90),
        Load(goals=1_000, users=50, actions=1, at_once=16, drain_seconds=900),
    ],
    ids=["50 at once", "1,000 queued"],
)
def test_under_load_users_are_served_fairly_in_flat_memory(load: Load, report: Report) -> None:
    result = run(load, Console())
    check(load, result)
    report("; ".join(lines(load, result)))
    light = {user: waits for user, waits in result.waits.items() if user != HEAVY}
    assert waits_of(light).longest < max(result.waits[HEAVY])
    assert waits_of(result.waits).jain > 0.6  # the starts take a while, too
    assert result.memory[-1][LARGEST] < 1.2 * max(each[LARGEST] for each in result.memory[:5])
