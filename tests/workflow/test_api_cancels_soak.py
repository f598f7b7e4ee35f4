"""A cancel at any moment of an execution: all of it, or nothing of it."""

import random
import time
from collections import Counter
from uuid import uuid4

import pytest

from localcloud.api_client import ApiClient, ApiRefusedError
from localcloud.run_calls import Started
from localcloud.run_snapshot import take_snapshot
from tests.workflow.api import rows_of
from tests.workflow.stage import Stage, small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

MOMENTS, ACTIONS, LATENCY_SECONDS = 20, 16, 1.0
QUIET_SECONDS = 6
"""Longer than any model call that was in flight."""


@pytest.fixture(scope="module")
def longest_seconds(stage: Stage) -> float:
    """How long an execution takes that nobody cancels, its functions warm."""
    stage.run(stage.place(small_goal("誰も止めない", ACTIONS)))
    began = time.monotonic()
    stage.run(stage.place(small_goal("やはり止めない", ACTIONS)), latency=LATENCY_SECONDS)
    return time.monotonic() - began


def test_a_cancel_takes_all_or_nothing_whenever_it_comes(
    stage: Stage, longest_seconds: float, said: list[str]
) -> None:
    seed = random.randrange(1_000_000)
    said.append(f"cancels, seed {seed}:")
    choice = random.Random(seed)
    # one in each twentieth of the time, so that early and late ones are among them
    shares = [(number + choice.random()) / MOMENTS for number in range(MOMENTS)]
    outcomes = [cancel_after(stage, share * longest_seconds) for share in shares]
    counts = Counter(outcomes)
    said.append(f"in {MOMENTS} moments of {longest_seconds:.1f} s: {dict(counts)}")
    assert "ABORTED" in outcomes


def cancel_after(stage: Stage, seconds: float) -> str:
    """Start a goal, cancel it so much later, and look at what is left; how it went."""
    api = ApiClient(stage.state.api_url, stage.token)
    mandala = stage.place(small_goal(f"いつでも止める {uuid4()}", ACTIONS))
    before = rows_of(stage.conn, mandala.goal_id)
    stage.tell_model(latency=LATENCY_SECONDS)
    accepted = api.start(mandala.goal_id)
    started = Started(accepted["executionId"], accepted["executionArn"])
    time.sleep(seconds)
    try:
        outcome = api.cancel(started.execution_arn, "気が変わった")["status"]
    except ApiRefusedError as refusal:
        # FINISHING while it saves, CONFLICT once it has ended: the result is whole
        outcome = refusal.code
    if outcome != "ABORTED":
        assert outcome in ("FINISHING", "CONFLICT")
        ended = stage.end(mandala, started)
        assert (ended.snapshot.status, ended.verified.problems) == ("SUCCEEDED", ())
        assert stage.goal_state(mandala) == ("ACTIVE", None, None)
        return outcome

    status, after = api.status(started.execution_id), rows_of(stage.conn, mandala.goal_id)
    assert stage.goal_state(mandala) == ("DRAFT", None, None)
    assert {**after, "goal_workflows": []} == {**before, "goal_workflows": []}
    items = take_snapshot(
        stage.state.client("dynamodb"), stage.state.table_name, started.execution_id
    ).actions
    time.sleep(QUIET_SECONDS)
    later = api.status(started.execution_id)
    late = take_snapshot(
        stage.state.client("dynamodb"), stage.state.table_name, started.execution_id
    ).actions
    # accounting may be written late, a status may not
    accounting = ("tokens", "cost")
    assert {k: v for k, v in later.items() if k not in accounting} == {
        k: v for k, v in status.items() if k not in accounting
    }
    assert {key: item.status for key, item in late.items()} == {
        key: item.status for key, item in items.items()
    }
    assert rows_of(stage.conn, mandala.goal_id) == after
    return outcome
