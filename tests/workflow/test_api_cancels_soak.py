"""A cancel at any moment discards everything, or the execution ends normally."""

import random
import time
from collections import Counter
from uuid import uuid4

import pytest

from localcloud.run.api_client import ApiClient, ApiRefusedError
from localcloud.run.calls import Started
from localcloud.run.snapshot import take_snapshot
from tests.workflow.api import rows_of
from tests.workflow.refusals import Report
from tests.workflow.stage import Stage, small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

MOMENTS, ACTIONS, LATENCY = 20, 16, 1.0
QUIET_SECONDS = 6
"""Longer than any model call in flight."""


def test_a_cancel_at_any_moment_discards_all_or_nothing(stage: Stage, report: Report) -> None:
    seed = random.randrange(1_000_000)
    report(f"cancels, seed {seed}:")
    choice = random.Random(seed)
    stage.run(stage.place(small_goal(f"誰も止めない {uuid4()}", ACTIONS)))  # cold starts
    # one in each twentieth of an execution's time, so that early and late ones are included
    shares = [(number + choice.random()) / MOMENTS for number in range(MOMENTS)]
    outcomes: Counter[str] = Counter()
    whole_seconds = seconds_of(stage)
    for share in choice.sample(shares, MOMENTS):
        outcome = cancel_after(stage, share * whole_seconds)
        outcomes[outcome] += 1
        if outcome == "CONFLICT":  # it has ended already: executions are faster than measured
            whole_seconds = seconds_of(stage)
    report(f"in {MOMENTS} moments: {dict(outcomes)}")
    assert outcomes["ABORTED"] >= MOMENTS // 4


def seconds_of(stage: Stage) -> float:
    """The duration of an execution that is not cancelled."""
    ended = stage.run(stage.place(small_goal(f"まだ止めない {uuid4()}", ACTIONS)), latency=LATENCY)
    assert ended.snapshot.stopped_at
    return (ended.snapshot.stopped_at - ended.snapshot.started_at).total_seconds()


def cancel_after(stage: Stage, seconds: float) -> str:
    """Start a goal, cancel it after some seconds, and check what is left; returns the outcome."""
    api = ApiClient(stage.state.api_url, stage.token)
    mandala = stage.place(small_goal(f"いつでも止める {uuid4()}", ACTIONS))
    before = rows_of(stage.conn, mandala.goal_id)
    stage.configure_model(latency=LATENCY)
    accepted = api.start(mandala.goal_id)
    started = Started(accepted["executionId"], accepted["executionArn"])
    time.sleep(seconds)
    try:
        outcome = api.cancel(started.execution_arn, "気が変わった")["status"]
    except ApiRefusedError as refusal:
        # FINISHING while it saves, CONFLICT once it has ended: the result is complete
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
