"""What docs/disaster.md promises of a destroyed stack, a disabled key and an older release."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.contract.statuses import ExecutionStatus
from handlers.executions.save import save_batch
from tests.handlers.world import TABLE_NAME, ProductGoal, World


def sweep_late(world: World) -> list[str]:
    world.let_the_grace_pass()
    return world.sweep().ended


# A stack that was destroyed in mid-run: Step Functions has forgotten the execution.


def test_after_a_destroyed_stack_the_kept_table_says_what_ran_and_a_sweep_ends_it(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.forget_in_step_functions(execution)
    assert world.record(execution).status == ExecutionStatus.RUNNING
    assert world.lock(goal.goal_id) == ("PROCESSING", execution, "GENERATING")

    assert sweep_late(world) == [execution]  # of the stack that was created anew
    record = world.record(execution)
    assert (record.status, record.error_code) == ("FAILED", "EXECUTION_FAILED")
    assert len(world.tasks(goal.action_ids[0])) == 2, "what was generated is saved"
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


def test_after_a_destroyed_stack_without_its_table_the_goal_is_as_before(
    world: World, goal: ProductGoal, execution: str
) -> None:
    world.forget_in_step_functions(execution)
    empty_table(world)
    assert sweep_late(world) == [execution]
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
    assert world.start(goal) != execution


def test_tasks_that_were_saved_before_the_table_was_lost_stay(
    world: World, goal: ProductGoal, execution: str
) -> None:
    save_batch(world.stores, goal.goal_id, execution, goal.action_ids)
    world.forget_in_step_functions(execution)
    empty_table(world)
    sweep_late(world)
    assert len(world.tasks(goal.action_ids[0])) == 2
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


def empty_table(world: World) -> None:
    """As `pulumi up` creates it anew."""
    for item in world.dynamodb.scan(TableName=TABLE_NAME)["Items"]:
        key = {name: item[name] for name in ("pk", "sk")}
        world.dynamodb.delete_item(TableName=TABLE_NAME, Key=key)


# A key that was disabled: the services that need it refuse every request.


@contextmanager
def refused(client: Any, code: str) -> Generator[None]:
    """Every request of a client is refused with this code, status 400."""

    def refuse(model: Any, **_: object) -> None:
        answer: Any = {
            "Error": {"Code": code, "Message": "the key is disabled"},
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        raise ClientError(answer, model.name)

    client.meta.events.register("before-call", refuse, code)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call", refuse, code)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_with_a_disabled_key_nothing_is_half_done_and_all_goes_on_when_it_returns(
    world: World, goal: ProductGoal, execution: str, code: str
) -> None:
    with refused(world.dynamodb, code):
        for step in (
            lambda: save_batch(world.stores, goal.goal_id, execution, goal.action_ids),
            lambda: world.finish(goal, execution),
            lambda: world.generate(execution, goal.action_ids[1]),
            lambda: world.start(world.add_goal(1, 1)),
        ):
            with pytest.raises(ClientError):
                step()
    world.end_in_step_functions(execution, "FAILED")
    assert execution in sweep_late(world)
    assert world.record(execution).succeeded_actions == 1
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)
    other = world.add_goal(1, 1)
    world.start(other)
