"""A goal has one running execution, however many starts there are and when they come."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from handlers.contract.statuses import ExecutionStatus, GoalState
from handlers.executions.errors import AlreadyRunningError, GoalNotFoundError, NoActionsError
from handlers.executions.start import StartRequest, start
from handlers.executions.state_machine import (
    StartRefusedError,
    StateMachine,
    StateMachineUnavailableError,
)
from handlers.storage.errors import TableUnavailableError
from handlers.storage.execution_records import ExecutionRecord, ExecutionRecords
from tests.handlers.world import (
    MACHINE,
    TABLE_NAME,
    TTL_DAYS,
    ProductGoal,
    World,
    client,
    new_client,
)

PARALLEL = 16


def start_of(world: World, goal: ProductGoal, **options: object) -> ExecutionRecord:
    request = StartRequest(goal.goal_id, goal.user_id, **options)  # pyright: ignore
    return start(world.stores, world.machine, request)


def machine_input(record: ExecutionRecord) -> object:
    told = client("stepfunctions").describe_execution(executionArn=record.execution_arn)
    return json.loads(told["input"])


def test_a_start_leaves_lock_record_and_execution(world: World, goal: ProductGoal) -> None:
    record = start_of(world, goal)
    assert world.lock(goal.goal_id) == ("PROCESSING", record.execution_id, "GENERATING")
    assert world.record(record.execution_id) == record
    assert (record.status, record.total_actions) == (ExecutionStatus.RUNNING, 4)
    assert world.executions(goal.goal_id) == [record.execution_id]
    assert (
        record.execution_arn
        == client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"][0][
            "executionArn"
        ]
    )


def test_of_simultaneous_starts_exactly_one_is_accepted(world: World) -> None:
    goals = [world.add_goal(1, 1) for _ in range(6)]
    for goal in goals[3:]:  # these had executions before
        world.sql("INSERT INTO goal_workflows (goal_id) VALUES (%s)", goal.goal_id)
    functions = [world.another_function() for _ in range(PARALLEL)]
    barrier = Barrier(PARALLEL, timeout=30)

    def race(number: int) -> list[ExecutionRecord | str]:
        answers: list[ExecutionRecord | str] = []
        for goal in goals:
            barrier.wait()
            try:
                request = StartRequest(goal.goal_id, goal.user_id)
                answers.append(start(functions[number], world.machine, request))
            except AlreadyRunningError as error:
                answers.append(error.execution_id)
        return answers

    with ThreadPoolExecutor(PARALLEL) as pool:
        by_function = list(pool.map(race, range(PARALLEL)))
    for function in functions:
        function.database.close()
    for goal, answers in zip(goals, zip(*by_function, strict=True), strict=True):
        [accepted] = [answer for answer in answers if isinstance(answer, ExecutionRecord)]
        assert answers.count(accepted.execution_id) == PARALLEL - 1
        assert world.executions(goal.goal_id) == [accepted.execution_id]


def test_a_second_start_gets_the_id_of_the_running_one(world: World, goal: ProductGoal) -> None:
    running = start_of(world, goal)
    world.let_the_grace_pass()
    with pytest.raises(AlreadyRunningError) as conflict:
        start_of(world, goal)
    assert conflict.value.execution_id == running.execution_id


def test_goals_do_not_wait_for_each_other(world: World, goal: ProductGoal) -> None:
    start_of(world, goal)
    start_of(world, world.add_goal())


def test_another_users_goal_does_not_exist_for_the_caller(world: World, goal: ProductGoal) -> None:
    other = world.add_goal()
    for user_id in (other.user_id, "not-a-uuid"):
        with pytest.raises(GoalNotFoundError):
            start(world.stores, world.machine, StartRequest(goal.goal_id, user_id))
    assert world.sql("SELECT 1 FROM goal_workflows") == []


def test_a_goal_without_actions_is_refused(world: World) -> None:
    with pytest.raises(NoActionsError, match="has no actions"):
        start_of(world, world.add_goal(actions=0))
    assert world.sql("SELECT 1 FROM goal_workflows") == []


@pytest.mark.parametrize("status", ["COMPLETED", "PAUSED", "CANCELLED"])
def test_a_goal_may_start_whatever_its_status_in_the_product(
    world: World, goal: ProductGoal, status: str
) -> None:
    world.sql("UPDATE goals SET status = %s", status)
    start_of(world, goal)


def test_a_start_can_name_actions_and_a_parent(world: World, goal: ProductGoal) -> None:
    some = tuple(goal.action_ids[1:3])
    record = start_of(world, goal, action_ids=some, parent_execution_id="parent")
    assert (record.total_actions, record.parent_execution_id) == (2, "parent")
    assert machine_input(record) == {
        "executionId": record.execution_id,
        "goalId": goal.goal_id,
        "actionIds": list(some),
    }


def test_prepare_leaves_out_actions_that_were_deleted(world: World, goal: ProductGoal) -> None:
    foreign = world.add_goal().action_ids[0]
    record = start_of(world, goal, action_ids=(goal.action_ids[0], foreign))
    assert record.total_actions == 1
    assert machine_input(record) == {
        "executionId": record.execution_id,
        "goalId": goal.goal_id,
        "actionIds": [goal.action_ids[0]],
    }


def test_actions_that_are_all_gone_cannot_be_started(world: World, goal: ProductGoal) -> None:
    with pytest.raises(NoActionsError):
        start_of(world, goal, action_ids=tuple(world.add_goal().action_ids))
    assert world.sql("SELECT 1 FROM goal_workflows") == []


@pytest.mark.parametrize("has_record", [False, True])
def test_the_lock_of_a_start_that_died_is_taken_over_after_the_grace(
    world: World, goal: ProductGoal, has_record: bool
) -> None:
    dead = start_of(world, goal)
    world.forget_in_step_functions(dead.execution_id)
    if not has_record:
        world.dynamodb.delete_item(
            TableName="WorkflowExecution-test",
            Key={"pk": {"S": dead.execution_id}, "sk": {"S": "execution"}},
        )
    with pytest.raises(AlreadyRunningError):
        start_of(world, goal)
    world.let_the_grace_pass()
    record = start_of(world, goal)
    assert world.lock(goal.goal_id)[1] == record.execution_id
    if has_record:
        ended = world.record(dead.execution_id)
        assert (ended.status, ended.error_code) == (ExecutionStatus.FAILED, "START_FAILED")


def test_a_start_ends_a_cancelled_execution_that_never_began_as_cancelled(
    world: World, goal: ProductGoal
) -> None:
    dead = start_of(world, goal)
    world.forget_in_step_functions(dead.execution_id)
    world.sql("UPDATE goal_workflows SET phase = 'CANCELLED' WHERE goal_id = %s", goal.goal_id)
    world.let_the_grace_pass()
    record = start_of(world, goal)
    assert world.lock(goal.goal_id)[1] == record.execution_id
    ended = world.record(dead.execution_id)
    assert (ended.status, ended.error_code) == (ExecutionStatus.ABORTED, "CANCELLED")


def test_a_refused_start_changes_nothing(world: World, goal: ProductGoal) -> None:
    stepfunctions = new_client("stepfunctions")
    machine = StateMachine(stepfunctions, MACHINE)
    with Stubber(stepfunctions) as stub:
        stub.add_client_error("start_execution", "ExecutionLimitExceeded", http_status_code=400)
        with pytest.raises(StartRefusedError, match="ExecutionLimitExceeded"):
            start(world.stores, machine, StartRequest(goal.goal_id, goal.user_id))
    assert world.lock(goal.goal_id) == (GoalState.DRAFT, None, None)
    [record] = world.records()
    assert (record["status"], record["errorCode"]) == ("FAILED", "START_FAILED")
    start_of(world, goal)


def test_a_start_without_an_answer_keeps_the_lock(world: World, goal: ProductGoal) -> None:
    stepfunctions = new_client("stepfunctions")

    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://states.example.com")

    stepfunctions.meta.events.register("before-send.sfn.StartExecution", lose)
    with pytest.raises(StateMachineUnavailableError):
        start(
            world.stores,
            StateMachine(stepfunctions, MACHINE),
            StartRequest(goal.goal_id, goal.user_id),
        )
    assert world.lock(goal.goal_id)[2] == "GENERATING"
    world.let_the_grace_pass()
    start_of(world, goal)


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
def test_a_start_without_the_table_leaves_a_lock_that_the_next_one_takes_at_once(
    world: World, goal: ProductGoal, moment: str
) -> None:
    """Whether the record got there, and only the answer was lost, or not."""
    dynamodb = new_client("dynamodb")

    def lose(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    dynamodb.meta.events.register(f"{moment}.dynamodb", lose)
    stores = replace(world.stores, records=ExecutionRecords(dynamodb, TABLE_NAME, TTL_DAYS))
    with pytest.raises(TableUnavailableError):
        start(stores, world.machine, StartRequest(goal.goal_id, goal.user_id))

    accepted = start_of(world, goal)
    assert world.lock(goal.goal_id)[1] == accepted.execution_id
    others = [each for each in world.records() if each["pk"] != accepted.execution_id]
    assert {each["status"] for each in others} <= {"FAILED"}
    assert len(others) == (1 if moment == "after-call" else 0)


def test_a_record_that_arrives_after_its_start_was_undone_never_runs(
    world: World, goal: ProductGoal
) -> None:
    """Found by chaos/simulation: it was RUNNING for ever, without a lock."""
    dynamodb, late = new_client("dynamodb"), list[dict[str, Any]]()

    def delay(params: dict[str, Any], **_: object) -> None:
        late.append(params)
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

    dynamodb.meta.events.register("provide-client-params.dynamodb.PutItem", delay)
    stores = replace(world.stores, records=ExecutionRecords(dynamodb, TABLE_NAME, TTL_DAYS))
    with pytest.raises(TableUnavailableError):
        start(stores, world.machine, StartRequest(goal.goal_id, goal.user_id))

    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        world.dynamodb.put_item(**late[0])
    assert world.records() == []
