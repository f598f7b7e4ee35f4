"""Start, cancel and retry over the API: by the owner, once, each refusal with its code."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from threading import Barrier
from urllib.parse import quote
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from handlers import workflow_start
from handlers.contract.errors import ErrorCode
from handlers.executions.state_machine import startable_state_machine
from handlers.storage.errors import DatabaseUnavailableError
from handlers.storage.stores import stores
from tests.handlers.api.conftest import Api, Calls
from tests.handlers.gateway import ApiAnswer, User
from tests.handlers.measured import measured
from tests.handlers.world import ProductGoal, World, client

UNKNOWN = "0192f3c9-7d1e-7abc-8def-0123456789ab"


def start(api: Api, user: User, goal_id: str, **options: object) -> ApiAnswer:
    return api(user, "POST", f"/goals/{goal_id}/start-activity", **options)


def cancel(api: Api, user: User, execution_id: str, **options: object) -> ApiAnswer:
    return api(user, "POST", f"/workflows/{execution_id}/cancel", **options)


def retry(api: Api, user: User, execution_id: str, **options: object) -> ApiAnswer:
    return api(user, "POST", f"/workflows/{execution_id}/retry", **options)


@pytest.fixture
def partial(world: World, goal: ProductGoal, execution: str) -> str:
    """An execution that saved two actions and failed with two."""
    for action_id in goal.action_ids[:2]:
        world.generate(execution, action_id)
    for action_id in goal.action_ids[2:]:
        world.fail(execution, action_id, ErrorCode.MODEL_REJECTED)
    assert world.finish(goal, execution).status == "PARTIALLY_SUCCEEDED"
    return execution


def test_a_start_is_accepted_with_the_executions_id_and_arn(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    answer = start(api, owner, goal.goal_id)
    assert answer.status == 202
    record = world.record(answer.body["executionId"])
    assert answer.body == {
        "executionId": record.execution_id,
        "executionArn": record.execution_arn,
        "goalId": goal.goal_id,
        "status": "RUNNING",
        "totalActions": 4,
        "startDate": record.started_at,
    }


def test_the_request_is_known_to_every_step_by_its_id(
    api: Api, world: World, goal: ProductGoal, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr(workflow_start.telemetry.logger.registered_handler, "stream", lines)
    execution = start(api, owner, goal.goal_id).body["executionId"]
    [line] = map(json.loads, lines.getvalue().splitlines())
    assert (line["message"], line["executionId"]) == ("started", execution)
    arn = world.record(execution).execution_arn
    given = client("stepfunctions").describe_execution(executionArn=arn)["input"]
    ids = {"executionId": execution, "goalId": goal.goal_id, "requestId": line["requestId"]}
    assert json.loads(given) == ids
    assert ids.items() <= line.items()


def test_a_second_start_is_409_with_the_running_executions_id(
    api: Api, goal: ProductGoal, owner: User
) -> None:
    running = start(api, owner, goal.goal_id).body["executionId"]
    answer = start(api, owner, goal.goal_id)
    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert answer.body["error"]["details"] == {"executionId": running}
    assert answer.body["error"]["retryable"] is False


@pytest.mark.parametrize("is_admin", [False, True])
def test_another_users_goal_is_answered_like_an_unknown_one(
    api: Api, world: World, goal: ProductGoal, stranger: User, is_admin: bool
) -> None:
    caller = User(stranger.user_id, ("admin",) if is_admin else ())
    answers = [start(api, caller, goal_id) for goal_id in (goal.goal_id, str(uuid4()))]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].body["error"] == answers[1].body["error"]
    assert world.executions(goal.goal_id) == []


def test_a_user_without_goals_owns_nothing(api: Api, goal: ProductGoal) -> None:
    machine = User("a-machine-client")
    assert start(api, machine, goal.goal_id).status == 404
    assert retry(api, machine, UNKNOWN).status == cancel(api, machine, UNKNOWN).status == 404
    assert api(machine, "GET", "/workflows").body == {"executions": []}


def test_a_start_of_a_goal_without_actions_is_400(api: Api, world: World) -> None:
    goal = world.add_goal(actions=0)
    answer = start(api, User(goal.user_id), goal.goal_id)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"json_body": {"actionIds": []}}, "actionIds"),
        ({"json_body": []}, "body"),
        ({"body": b"{}", "headers": {"content-type": "text/plain"}}, "content-type"),
        ({"body": b"\x00\xff", "headers": {"content-type": "image/png"}}, "content-type"),
        ({"body": b"[" * 4000, "headers": {"content-type": "application/json"}}, "body"),
        ({"json_body": {"x": "y" * 5000}}, "body"),
        ({"headers": {"Idempotency-Key": "a b"}}, "Idempotency-Key"),
    ],
)
def test_a_wrong_request_is_refused_by_name_and_starts_nothing(
    api: Api, world: World, goal: ProductGoal, options: dict[str, object], field: str
) -> None:
    answer = start(api, User(goal.user_id), goal.goal_id, **options)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.body["error"]["details"]["fields"][0]["field"] == field
    assert world.executions(goal.goal_id) == []


def test_of_simultaneous_starts_one_is_accepted(api: Api, goal: ProductGoal, owner: User) -> None:
    # One process has one connection, so these take turns; tests of `start` itself race for real.
    answers = [start(api, owner, goal.goal_id) for _ in range(5)]
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409, 409]


def test_the_same_key_gets_the_same_answer(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = start(api, owner, goal.goal_id, headers=headers)
    again = start(api, owner, goal.goal_id, headers=headers)
    assert (again.status, again.body) == (first.status, first.body) == (202, first.body)
    assert start(api, owner, goal.goal_id, headers={"Idempotency-Key": "k2"}).status == 409
    world.prepare(goal, first.body["executionId"])
    world.finish(goal, first.body["executionId"])
    assert start(api, owner, goal.goal_id, headers=headers).body == first.body
    assert start(api, owner, goal.goal_id, headers={"Idempotency-Key": "k2"}).status == 202


def test_an_idempotency_key_counts_for_one_caller_and_one_goal(api: Api, world: World) -> None:
    headers = {"Idempotency-Key": "shared"}
    goals = [world.add_goal(), world.add_goal()]
    accepted = [start(api, User(g.user_id), g.goal_id, headers=headers) for g in goals]
    assert [answer.status for answer in accepted] == [202, 202]
    assert accepted[0].body["executionId"] != accepted[1].body["executionId"]
    foreign = start(api, User(goals[1].user_id), goals[0].goal_id, headers=headers)
    assert foreign.status == 404


def test_a_start_while_step_functions_is_down_is_503_and_releases_the_lock(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    machine = startable_state_machine()._client  # pyright: ignore
    with pytest.MonkeyPatch.context() as patch:

        def fail(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://states")

        patch.setattr(machine, "start_execution", fail)
        answer = start(api, owner, goal.goal_id, headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert answer.body["error"]["retryable"] is True
    assert answer.headers["Retry-After"]
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
    assert start(api, owner, goal.goal_id, headers={"Idempotency-Key": "k"}).status == 202


def test_a_start_whose_answer_was_lost_is_completed_by_the_same_key(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    machine = startable_state_machine()._client  # pyright: ignore
    headers = {"Idempotency-Key": "k"}
    call = machine.start_execution

    def lose(**parameters: object) -> None:
        call(**parameters)  # pyright: ignore
        raise ReadTimeoutError(endpoint_url="https://states")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "start_execution", lose)
        assert start(api, owner, goal.goal_id, headers=headers).status == 503
    answer = start(api, owner, goal.goal_id, headers=headers)
    assert answer.status == 202
    assert world.executions(goal.goal_id) == [answer.body["executionId"]]


def test_a_start_while_the_database_is_down_is_503(
    api: Api, world: World, goal: ProductGoal, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseUnavailableError("no connection to PostgreSQL")

    monkeypatch.setattr(stores().database, "transaction", fail)
    for answer in (
        start(api, owner, goal.goal_id),
        start(api, owner, goal.goal_id, headers={"Idempotency-Key": "k"}),
    ):
        assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert world.executions(goal.goal_id) == []


@pytest.mark.parametrize(
    ("error", "metric"),
    [(DatabaseUnavailableError("down"), "ApiUnavailable"), (RuntimeError("ours"), "ApiFailed")],
)
def test_answers_503_and_500_are_counted(
    api: Api, goal: ProductGoal, owner: User, error: Exception, metric: str
) -> None:
    def fail() -> None:
        raise error

    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(written):
        patch.setattr(stores().database, "transaction", fail)
        start(api, owner, goal.goal_id)
    metrics = [line for line in written.getvalue().splitlines() if line.startswith('{"_aws"')]
    assert measured("\n".join(metrics)) == {metric: [1]}


def test_a_defect_is_500_and_the_answer_holds_only_the_request_id(
    api: Api,
    goal: ProductGoal,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    users_text = "秘密の目標"

    def fail() -> None:
        raise RuntimeError(users_text)

    monkeypatch.setattr(stores().database, "transaction", fail)
    answer = start(api, owner, goal.goal_id)
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert set(answer.body) == {"error", "requestId"}
    assert "RuntimeError" not in str(answer.body)
    [line] = [vars(each) for each in caplog.records if each.getMessage() == "failed"]
    assert line["error"] == "RuntimeError"
    assert "executions/start.py" in str(line["stack"])
    assert users_text not in str(line)


def test_a_cancel_aborts_at_once_and_logs_who_and_why(
    api: Api, world: World, goal: ProductGoal, execution: str, caplog: pytest.LogCaptureFixture
) -> None:
    owner = User(goal.user_id)
    answer = cancel(api, owner, execution, json_body={"reason": "内容を見直すため"})
    assert answer.status == 200
    assert (answer.body["status"], answer.body["executionId"]) == ("ABORTED", execution)
    assert answer.body["stopDate"] >= answer.body["startDate"]
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
    [line] = [vars(each) for each in caplog.records if each.getMessage() == "cancelled"]
    assert (line["userId"], line["reason"]) == (owner.user_id, "内容を見直すため")
    assert start(api, owner, goal.goal_id).status == 202


def test_an_ended_execution_cannot_be_cancelled(api: Api, owner: User, partial: str) -> None:
    answer = cancel(api, owner, partial)
    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_a_cancel_after_the_phase_saving_is_refused(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    world.sql("UPDATE goal_workflows SET phase = 'SAVING' WHERE goal_id = %s", goal.goal_id)
    answer = cancel(api, owner, execution)
    assert (answer.status, answer.code) == (409, "FINISHING")
    assert world.record(execution).status == "RUNNING"


@pytest.mark.parametrize("change", [cancel, retry])
@pytest.mark.parametrize("caller", [User(str(uuid4())), User(str(uuid4()), ("admin",))])
def test_only_the_owner_controls_an_execution(
    api: Api, execution: str, calls: Calls, change: Callable[..., ApiAnswer], caller: User
) -> None:
    change(api, caller, UNKNOWN)
    work: list[list[str]] = []
    answers: list[ApiAnswer] = []
    for execution_id in (execution, UNKNOWN):
        calls.made.clear()
        answers.append(change(api, caller, execution_id))
        work.append(calls.operations())
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].body["error"] == answers[1].body["error"]
    assert work[0] == work[1]


@pytest.mark.parametrize("change", [cancel, retry])
def test_cancel_and_retry_accept_the_arn_of_this_machines_execution(
    api: Api, world: World, owner: User, execution: str, change: Callable[..., ApiAnswer]
) -> None:
    arn = world.record(execution).execution_arn
    elsewhere = arn.replace("123456789012", "210987654321")
    assert change(api, owner, quote(elsewhere, safe="")).status == 404
    assert change(api, owner, quote(arn, safe="")).status == (200 if change is cancel else 409)


def test_a_retry_does_only_the_failed_actions_and_names_its_parent(
    api: Api, world: World, goal: ProductGoal, owner: User, partial: str
) -> None:
    answer = retry(api, owner, partial)
    assert answer.status == 202
    assert (answer.body["totalActions"], answer.body["parentExecutionId"]) == (2, partial)
    child = answer.body["executionId"]
    plan = world.prepare(goal, child, goal.action_ids[2:])
    assert sorted(plan.action_ids) == sorted(goal.action_ids[2:])
    status = api(owner, "GET", f"/workflows/{child}/status").body
    assert (status["parentExecutionId"], status["totalActions"]) == (partial, 2)


def test_a_cancelled_retry_leaves_the_tasks_of_its_parent(
    api: Api, world: World, goal: ProductGoal, owner: User, partial: str
) -> None:
    saved = [world.tasks(action_id) for action_id in goal.action_ids]
    child = retry(api, owner, partial).body["executionId"]
    world.prepare(goal, child, goal.action_ids[2:])
    world.generate(child, goal.action_ids[2])
    assert cancel(api, owner, child).status == 200
    assert [world.tasks(action_id) for action_id in goal.action_ids] == saved
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)
    assert retry(api, owner, child).status == 409  # what was cancelled did not fail
    assert retry(api, owner, partial).status == 202


def test_a_retry_is_refused_while_an_execution_of_the_goal_runs(
    api: Api, goal: ProductGoal, owner: User, partial: str
) -> None:
    running = start(api, owner, goal.goal_id).body["executionId"]
    for asked_for in (partial, running):
        answer = retry(api, owner, asked_for)
        assert (answer.status, answer.code) == (409, "CONFLICT")
        assert answer.body["error"]["details"] == {"executionId": running}


def test_without_a_failure_there_is_nothing_to_retry(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    for action_id in goal.action_ids:
        world.generate(execution, action_id)
    assert world.finish(goal, execution).status == "SUCCEEDED"
    answer = retry(api, owner, execution)
    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert "details" not in answer.body["error"]


def test_actions_deleted_meanwhile_are_not_retried(
    api: Api, world: World, goal: ProductGoal, owner: User, partial: str
) -> None:
    world.sql("DELETE FROM actions WHERE id = %s", goal.action_ids[3])
    assert retry(api, owner, partial).body["totalActions"] == 1


def test_a_retry_has_idempotency_keys_too(
    api: Api, goal: ProductGoal, owner: User, partial: str
) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = retry(api, owner, partial, headers=headers)
    assert retry(api, owner, partial, headers=headers).body == first.body
    assert start(api, owner, goal.goal_id, headers=headers).status == 409


def test_two_cancels_at_the_same_time_have_the_same_result(
    world: World, goal: ProductGoal, execution: str
) -> None:
    functions = [world.another_function() for _ in range(2)]
    barrier = Barrier(2)

    def race(number: int) -> str:
        from handlers.executions.cancel import cancel
        from handlers.executions.errors import ExecutionEndedError

        barrier.wait()
        try:
            record = cancel(
                functions[number], world.machine, execution, user_id=goal.user_id, reason=""
            )
        except ExecutionEndedError:
            return "ENDED"
        return record.status

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(race, range(2)))
    for function in functions:
        function.database.close()
    assert "ABORTED" in ends
    assert set(ends) <= {"ABORTED", "ENDED"}
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)
