"""An execution that the release before has begun goes on in this one, and the other way round."""

import json
from pathlib import Path
from typing import Any

import pytest

from handlers import workflow_finish, workflow_prepare, workflow_save_batch
from handlers.api.views import actions_view, status_view
from handlers.contract.clock import utc_now
from handlers.contract.statuses import ExecutionStatus
from handlers.executions.finish import COMPLETED, INTERRUPTED, end_execution
from handlers.executions.retry import retry_request
from handlers.executions.save import save_batch
from handlers.task_generation import _GenerateEvent  # pyright: ignore[reportPrivateUsage]
from tests.handlers.releases.begun import PRODUCT, begin
from tests.handlers.world import TABLE_NAME, ProductGoal, World

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("release.json").read_text())
EVENTS = RECORDED["events"]
EXECUTION: str = EVENTS["finish"]["executionId"]
GOAL: str = EVENTS["finish"]["goalId"]
ACTIONS: list[str] = EVENTS["save"]["actionIds"]
TTL = {"N": str(int(utc_now().timestamp()) + 86_400)}


@pytest.fixture
def earlier(world: World) -> World:
    """The world as the release before left it; its items have not expired meanwhile."""
    for table in PRODUCT:  # in the order of their references
        for row in RECORDED["product"][table]:
            world.sql(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(null::{table}, %s)",
                json.dumps(row),
            )
    for item in RECORDED["items"]:
        kept = {**item, "ttl": TTL} if "ttl" in item else item
        world.dynamodb.put_item(TableName=TABLE_NAME, Item=kept)
    world.machine.start(EXECUTION, GOAL)
    return world


def test_its_execution_is_generated_saved_and_ended(earlier: World) -> None:
    generated, at_work, failed, waiting = ACTIONS
    earlier.generate(EXECUTION, at_work)
    earlier.generate(EXECUTION, waiting)
    assert set(save_batch(earlier.stores, GOAL, EXECUTION, ACTIONS).saved) == {
        generated,
        at_work,
        waiting,
    }
    record = end_execution(earlier.stores, GOAL, EXECUTION, COMPLETED).record
    assert record
    assert record.status == ExecutionStatus.PARTIALLY_SUCCEEDED
    assert (record.succeeded_actions, record.failed_actions) == (3, (failed,))
    assert earlier.lock(GOAL) == ("PARTIAL", None, None)
    request = retry_request(earlier.stores, EXECUTION, user_id=record.user_id)
    assert request.action_ids == (failed,)


def test_its_execution_is_cancelled(earlier: World) -> None:
    goal = ProductGoal(GOAL, earlier.record(EXECUTION).user_id, ACTIONS)
    assert earlier.cancel(goal, EXECUTION).status == ExecutionStatus.ABORTED
    assert earlier.lock(GOAL) == ("DRAFT", None, None)


def test_its_execution_that_failed_or_died_keeps_what_was_generated(earlier: World) -> None:
    earlier.end_in_step_functions(EXECUTION, EVENTS["status change"]["detail"]["status"])
    earlier.let_the_grace_pass()
    assert earlier.sweep().ended == [EXECUTION]
    assert earlier.record(EXECUTION).succeeded_actions == 1
    again = end_execution(earlier.stores, GOAL, EXECUTION, INTERRUPTED)
    assert not again.is_new


def test_its_execution_is_shown(earlier: World) -> None:
    record, items = earlier.record(EXECUTION), earlier.stores.work_items.of(EXECUTION)
    assert status_view(record, items, utc_now())["processedActions"] == 2
    assert len(actions_view(record, items)["actions"]) == 4


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("prepare", workflow_prepare._PrepareEvent),  # pyright: ignore[reportPrivateUsage]
        ("generate", _GenerateEvent),
        ("save", workflow_save_batch._SaveBatchEvent),  # pyright: ignore[reportPrivateUsage]
        ("finish", workflow_finish._FinishEvent),  # pyright: ignore[reportPrivateUsage]
        ("finish after an error", workflow_finish._FinishEvent),  # pyright: ignore[reportPrivateUsage]
    ],
)
def test_its_definition_may_go_on_with_functions_of_this_release(name: str, event: Any) -> None:
    assert event.parse(EVENTS[name]).execution_id == EXECUTION


def test_this_releases_executions_go_on_after_a_rollback(world: World) -> None:
    """All that the release before reads is still there, in the same types; and no event grew.

    Its functions refuse a field of an event that they do not know (`Event`): a new one has to be
    known to them a release before the definition sends it.
    """
    now = begin(world)
    assert forms(now["items"]) >= forms(RECORDED["items"])
    for name, event in now["events"].items():
        assert event.keys() == EVENTS[name].keys()
    assert (
        now["product"]["goal_workflows"][0].keys()
        >= RECORDED["product"]["goal_workflows"][0].keys()
    )


def forms(items: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    """Kind and status of the items, and name and type of each attribute."""
    return {
        (item["sk"]["S"].partition("#")[0], item.get("status", {"S": ""})["S"], name, *value)
        for item in items
        for name, value in item.items()
    }
