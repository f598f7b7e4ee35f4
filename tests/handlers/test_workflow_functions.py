"""The entries of the workflow's functions: events, answers, and refused input."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from handlers import workflow_finish, workflow_prepare, workflow_reconcile, workflow_save_batch
from handlers.contract.clock import timestamp, utc_now
from handlers.contract.environment import Env
from handlers.contract.events import InvalidEventError
from handlers.executions.admission import NoTurnError, wait_for_turn
from handlers.executions.state_machine import StateMachine, StateMachineUnavailableError
from handlers.slack.notices import ExecutionNotice, read
from handlers.storage.turn_budget import Budget
from handlers.storage.turns import Turns
from tests.handlers.cold_start import start_cold
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.roles import NAMES
from tests.handlers.world import MACHINE, TABLE_NAME, ProductGoal, World, client

CONTEXT = LambdaContext()
Announced = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module", autouse=True)
def cold_start() -> Iterator[None]:
    """New stores for this module; as in Lambda, they then serve many invocations."""
    start_cold()
    yield
    start_cold()


@pytest.fixture(autouse=True)
def environment(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the functions."""
    for variable, value in {
        Env.ENVIRONMENT: "local",
        Env.TABLE_NAME: TABLE_NAME,
        Env.TTL_DAYS: "90",
        Env.STATE_MACHINE_ARN: MACHINE,
        Env.NOTIFICATIONS_TOPIC_ARN: NAMES.topic_arn(NAMES.notifications_topic),
        Env.DATABASE_URL_SECRET_ARN: "database-url",
        Env.WORKFLOW_TIMEOUT_SECONDS: "900",
        Env.BATCH_SIZE: "3",
        Env.MODEL_BUDGET_PER_MINUTE: "0",
    }.items():
        monkeypatch.setenv(variable.name, value)


@pytest.fixture
def world(world: World) -> World:
    """The same, and the secret by the name in the functions' environment."""
    client("secretsmanager").create_secret(Name="database-url", SecretString=world.url)
    return world


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the functions log."""
    lines = io.StringIO()
    for entry in (workflow_prepare, workflow_save_batch, workflow_finish, workflow_reconcile):
        monkeypatch.setattr(entry.telemetry.logger.registered_handler, "stream", lines)
    return lines


@pytest.fixture
def announced(aws: None) -> Announced:
    """Takes the messages of the notifications topic."""
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name=NAMES.notifications_topic)["TopicArn"]
    queue = sqs.create_queue(QueueName=NAMES.slack_queue)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=NAMES.queue_arn(NAMES.slack_queue))

    def take() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    return take


def ids(goal: ProductGoal, execution: str) -> dict[str, Any]:
    return {"executionId": execution, "goalId": goal.goal_id}


def test_the_functions_bring_a_goal_to_its_end(
    world: World, goal: ProductGoal, logged: io.StringIO
) -> None:
    execution = world.start(goal)
    event = {**ids(goal, execution), "startedAt": "2026-11-24T09:30:00.123Z"}
    plan = workflow_prepare.handler(event, CONTEXT)
    assert plan == {
        **ids(goal, execution),
        "actionIds": goal.action_ids,
        "batches": [goal.action_ids[:3], goal.action_ids[3:]],
        "deadline": 1795513500,
        "waitSeconds": 0,
        "turn": "",
    }
    for action_id in goal.action_ids[:2]:
        world.generate(execution, action_id)
    saved = [
        workflow_save_batch.handler({**ids(goal, execution), "actionIds": batch}, CONTEXT)
        for batch in plan["batches"]
    ]
    assert saved == [{"saved": 2}, {"saved": 0}]
    answer = workflow_finish.handler(ids(goal, execution), CONTEXT)
    assert answer == workflow_finish.handler({**ids(goal, execution), "error": None}, CONTEXT)
    assert answer == {
        **ids(goal, execution),
        "status": "PARTIALLY_SUCCEEDED",
        "totalActions": 4,
        "succeededActions": 2,
        "failedActions": 2,
    }
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["prepared", "saved", "saved", "ended", "ended"]
    assert {line["correlation_id"] for line in lines} == {execution}
    assert "走る" not in logged.getvalue()
    assert "完走" not in logged.getvalue()


def test_an_execution_waits_for_its_turn_and_is_prepared_when_it_has_come(
    world: World, goal: ProductGoal, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(Env.MODEL_BUDGET_PER_MINUTE.name, "60000")
    execution = world.start(goal)
    event = {**ids(goal, execution), "startedAt": timestamp(utc_now())}
    world.stores.turns.pay(Budget(), utc_now().timestamp() + 1.5, "others")
    answer = workflow_prepare.handler(event, CONTEXT)
    assert answer["waitSeconds"] == 2
    assert (answer["actionIds"], answer["batches"]) == ([], [])
    assert world.stores.work_items.of(execution) == []
    world.stores.turns.pay(world.stores.turns.budget(), utc_now().timestamp() - 1, "others")
    plan = workflow_prepare.handler({**event, "turn": answer["turn"]}, CONTEXT)
    assert (plan["waitSeconds"], plan["actionIds"]) == (0, goal.action_ids)
    assert world.stores.turns.read().before == []
    lines = [json.loads(line)["message"] for line in logged.getvalue().splitlines()]
    assert lines == ["waiting for its turn", "prepared"]


def test_a_ticket_counts_no_longer_once_the_stack_has_no_budget(
    world: World, goal: ProductGoal
) -> None:
    """A deployment took the budget away while the execution waited."""
    execution, now = world.start(goal), utc_now()
    world.stores.turns.pay(Budget(), now.timestamp() + 60, "others")
    waiting = wait_for_turn(world.stores, 60_000, execution, None, int(now.timestamp()) + 900)
    assert waiting
    event = {**ids(goal, execution), "startedAt": timestamp(now), "turn": waiting.ticket}
    assert workflow_prepare.handler(event, CONTEXT)["actionIds"] == goal.action_ids
    [left] = world.stores.turns.read().before
    assert (left.key, left.until) == (waiting.ticket, 0)


def test_an_execution_whose_turn_comes_too_late_ends_with_that_code(
    world: World, goal: ProductGoal, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(Env.MODEL_BUDGET_PER_MINUTE.name, "60000")
    execution = world.start(goal)
    world.stores.turns.pay(Budget(), utc_now().timestamp() + 3600, "others")
    with pytest.raises(NoTurnError) as caught:
        workflow_prepare.handler(
            {**ids(goal, execution), "startedAt": timestamp(utc_now())}, CONTEXT
        )
    error = type(caught.value).__name__
    answer = workflow_finish.handler({**ids(goal, execution), "error": error}, CONTEXT)
    assert answer["status"] == "FAILED"
    assert world.record(execution).error_code == "NO_TURN"
    assert world.lock(goal.goal_id)[1] is None


def test_without_a_budget_nothing_is_asked_of_the_queue(
    world: World, goal: ProductGoal, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = world.start(goal)

    def refuse(self: Turns) -> None:
        raise AssertionError("the queue was read")

    monkeypatch.setattr(Turns, "read", refuse)
    plan = workflow_prepare.handler(
        {**ids(goal, execution), "startedAt": timestamp(utc_now())}, CONTEXT
    )
    assert plan["actionIds"] == goal.action_ids


def test_only_ids_and_counts_travel(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    event = {**ids(goal, execution), "startedAt": "2026-11-24T09:30:00Z"}
    text = json.dumps(workflow_prepare.handler(event, CONTEXT))
    assert text.isascii()
    assert len(text) < 64 * 100


def test_a_failed_prepare_is_finished_as_failed(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.sql("DELETE FROM goals")
    with pytest.raises(Exception, match="none of the actions") as error:
        workflow_prepare.handler(
            {**ids(goal, execution), "startedAt": "2026-11-24T09:30:00Z"}, CONTEXT
        )
    event = {**ids(goal, execution), "error": type(error.value).__name__}
    answer = workflow_finish.handler(event, CONTEXT)
    assert (answer["status"], answer["totalActions"], answer["failedActions"]) == ("FAILED", 4, 4)


def test_an_execution_without_a_record_is_finished_as_failed(
    world: World, goal: ProductGoal
) -> None:
    answer = workflow_finish.handler(ids(goal, str(uuid4())), CONTEXT)
    assert (answer["status"], answer["totalActions"]) == ("FAILED", 0)


def test_a_status_change_is_reconciled(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.end_in_step_functions(execution, "TIMED_OUT")
    event = {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {
            "executionArn": world.machine.execution_arn(execution),
            "name": execution,
            "status": "TIMED_OUT",
        },
    }
    assert workflow_reconcile.handler(event, CONTEXT) == {"ended": [execution]}
    assert world.record(execution).status == "TIMED_OUT"


def test_reconcile_publishes_an_end_once_in_the_form_of_the_state_machine(
    world: World, goal: ProductGoal, announced: Announced
) -> None:
    execution = world.start(goal)
    world.end_in_step_functions(execution, "TIMED_OUT")
    event = {"source": "aws.states", "detail": {"name": execution, "status": "TIMED_OUT"}}
    for _ in range(2):
        workflow_reconcile.handler(event, CONTEXT)
    [message] = announced()
    assert message["MessageAttributes"]["status"]["Value"] == "TIMED_OUT"
    told = json.loads(message["Message"])
    assert told == {
        "executionId": execution,
        "executionArn": world.machine.execution_arn(execution),
        "goalId": goal.goal_id,
        "status": "TIMED_OUT",
        "errorCode": "EXECUTION_TIMED_OUT",
        "totalActions": 4,
        "succeededActions": 0,
        "failedActions": 4,
        "startedAt": told["startedAt"],
    }
    assert isinstance(read(json.dumps(message)), ExecutionNotice)


def test_an_execution_ends_even_if_its_end_cannot_be_published(
    world: World, goal: ProductGoal, logged: io.StringIO
) -> None:
    execution = world.start(goal)
    world.end_in_step_functions(execution, "FAILED")
    event = {"source": "aws.states", "detail": {"name": execution, "status": "FAILED"}}
    assert workflow_reconcile.handler(event, CONTEXT) == {"ended": [execution]}
    assert '"not published"' in logged.getvalue()


def test_an_event_alone_ends_nothing(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    event = {"source": "aws.states", "detail": {"name": execution, "status": "ABORTED"}}
    assert workflow_reconcile.handler(event, CONTEXT) == {"ended": []}
    assert world.record(execution).status == "RUNNING"
    event = {"source": "aws.states", "detail": {"name": "by-hand", "status": "ABORTED"}}
    assert workflow_reconcile.handler(event, CONTEXT) == {"ended": []}


SCHEDULED: dict[str, Any] = {
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "detail": {},
}


def test_the_schedules_event_sweeps(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.end_in_step_functions(execution, "FAILED")
    world.let_the_grace_pass()
    assert workflow_reconcile.handler(SCHEDULED, CONTEXT) == {"ended": [execution]}
    assert workflow_reconcile.handler(SCHEDULED, CONTEXT) == {"ended": []}


def test_a_sweep_that_could_not_check_an_execution_raises(
    world: World, goal: ProductGoal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.start(goal)
    world.let_the_grace_pass()

    def throttled(*_: object) -> None:
        raise StateMachineUnavailableError("ThrottlingException")

    monkeypatch.setattr(StateMachine, "status", throttled)
    with pytest.raises(workflow_reconcile.SweepIncompleteError, match="1 executions"):
        workflow_reconcile.handler(SCHEDULED, CONTEXT)


ID = "0193d2e0-0000-7000-8000-00000000000a"
PREPARE = {"executionId": ID, "goalId": ID, "startedAt": "2026-11-24T09:30:00Z"}


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({}, "executionId: must be a UUID in lower case, got nothing; goalId"),
        ({**PREPARE, "goalId": "12"}, "goalId: must be a UUID in lower case, got '12'"),
        ({**PREPARE, "goalId": ID.upper()}, "goalId"),
        ({**PREPARE, "goalId": 7}, "goalId: must be a UUID in lower case, got 7"),
        ({**PREPARE, "actionIds": []}, "actionIds: must be a list of one or more UUIDs"),
        ({**PREPARE, "actionIds": [ID, "x"]}, "actionIds: must be a list of one or more UUIDs"),
        ({**PREPARE, "startedAt": "2026-11-24T09:30:00"}, "startedAt: .*time zone, got"),
        ({**PREPARE, "startedAt": "x" * 999}, "startedAt: .{0,250}$"),
        ({**PREPARE, "tasks": "走る"}, "tasks: is not known, got '走る'"),
    ],
)
def test_a_bad_event_is_refused_by_field_and_value(event: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidEventError, match=problem):
        workflow_prepare.handler(event, CONTEXT)


def test_a_batch_without_actions_is_refused() -> None:
    with pytest.raises(InvalidEventError, match="actionIds"):
        workflow_save_batch.handler({"executionId": ID, "goalId": ID, "actionIds": []}, CONTEXT)
