"""An execution over the API, while it runs and after, for those who may see it."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest

from handlers.contract.clock import utc_now
from handlers.contract.errors import ErrorCode
from handlers.storage.items import Item, Items
from tests.handlers.api.conftest import Api, Calls
from tests.handlers.gateway import ApiAnswer, User
from tests.handlers.world import ProductGoal, World

UNKNOWN = "0192f3c9-7d1e-7abc-8def-0123456789ab"


def status(api: Api, user: User, execution_id: str) -> ApiAnswer:
    return api(user, "GET", f"/workflows/{execution_id}/status")


def test_progress_counts_actions_that_are_generated_or_failed(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    first, second, third, _ = goal.action_ids
    world.generate(execution, first)
    world.fail(execution, second, ErrorCode.MODEL_REJECTED)
    world.attempts.begin(execution, third, prompt_version="1", model="nova")
    body = status(api, owner, execution).body
    assert body["status"] == "RUNNING"
    assert (body["processedActions"], body["totalActions"], body["progressPercentage"]) == (
        2,
        4,
        50,
    )
    assert body["failedActions"] == [second]
    assert body["actionCounts"] == {
        "PENDING": 1,
        "GENERATING": 1,
        "GENERATED": 1,
        "SAVED": 0,
        "FAILED": 1,
    }
    assert body["taskCount"] == 2
    assert body["tokens"] == {"input": 100, "output": 50}
    assert body["cost"]["currency"] == "USD"
    assert body["etaSeconds"] >= 0
    assert "stopDate" not in body


@pytest.mark.parametrize(
    "code",
    [
        ErrorCode.CANCELLED,
        ErrorCode.EXECUTION_ABORTED,
        ErrorCode.EXECUTION_FAILED,
        ErrorCode.EXECUTION_TIMED_OUT,
    ],
)
def test_while_its_end_is_written_it_says_that_it_is_stopping(
    code: ErrorCode, api: Api, world: World, owner: User, execution: str
) -> None:
    first, second, third, _ = (item.action_id for item in world.work_items.of(execution))
    world.generate(execution, first)
    world.fail(execution, second, ErrorCode.MODEL_REJECTED)
    assert "stopping" not in status(api, owner, execution).body
    world.fail(execution, third, code)
    body = status(api, owner, execution).body
    assert (body["status"], body["stopping"]) == ("RUNNING", True)
    assert "etaSeconds" not in body


def test_before_prepare_no_action_is_processed(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    body = status(api, owner, world.start(goal)).body
    assert (body["processedActions"], body["totalActions"], body["progressPercentage"]) == (0, 4, 0)
    assert "etaSeconds" not in body


def test_an_execution_that_waits_for_its_turn_says_so_and_how_long(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    execution = world.start(goal)
    world.stores.records.wait_for_turn(execution, utc_now() + timedelta(seconds=95), "ticket")
    waiting = status(api, owner, execution).body["waiting"]
    assert "順番を待っています" in waiting["message"]
    assert 90 <= waiting["turnInSeconds"] <= 95
    world.prepare(goal, execution)
    assert "waiting" not in status(api, owner, execution).body


def test_a_cancelled_execution_waits_no_longer(
    api: Api, world: World, goal: ProductGoal, owner: User
) -> None:
    execution = world.start(goal)
    world.stores.records.wait_for_turn(execution, utc_now(), "ticket")
    world.cancel(goal, execution)
    assert "waiting" not in status(api, owner, execution).body


def test_progress_is_read_consistently(calls: Calls, api: Api, owner: User, execution: str) -> None:
    calls.made.clear()
    status(api, owner, execution)
    assert calls.operations() == ["Query"]
    assert all(parameters["ConsistentRead"] for _, parameters in calls.made)


def test_progress_is_no_older_than_the_end_although_a_query_is_no_snapshot(
    monkeypatch: pytest.MonkeyPatch, api: Api, world: World, owner: User, execution: str
) -> None:
    read = Items.until
    before: list[Item] = []

    def torn(items: Items, pk: str, sk: str, attributes: Sequence[str]) -> list[Item]:
        now = read(items, pk, sk, attributes)
        before.extend(now)
        return [now[0], *before[1:5]]

    monkeypatch.setattr(Items, "until", torn)
    status(api, owner, execution)
    world.end_in_step_functions(execution, "ABORTED")
    world.reconcile(execution)

    body = status(api, owner, execution).body
    assert (body["status"], len(body["failedActions"])) == ("ABORTED", 4)
    assert body["processedActions"] == 4


def test_an_ended_execution_has_its_end_and_its_failed_actions(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    for action_id in goal.action_ids:
        world.fail(execution, action_id, ErrorCode.MODEL_REJECTED)
    world.finish(goal, execution)
    body = status(api, owner, execution).body
    assert body["status"] == "FAILED"
    assert body["stopDate"] >= body["startDate"]
    assert body["progressPercentage"] == 100
    assert sorted(body["failedActions"]) == sorted(goal.action_ids)
    assert "etaSeconds" not in body


def test_an_execution_of_the_version_before_has_the_present_error_codes(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    world.end_in_step_functions(execution, "TIMED_OUT")
    world.reconcile(execution)
    for sk in ("execution", f"action#{goal.action_ids[0]}"):
        world.set_attribute(execution, sk, "errorCode", "RUN_TIMED_OUT")
    body = status(api, owner, execution).body
    assert (body["errorCode"], body["error"]) == (
        "EXECUTION_TIMED_OUT",
        "実行が制限時間を超えました。",
    )
    actions = api(owner, "GET", f"/workflows/{execution}/actions").body["actions"]
    assert {action["error"]["code"] for action in actions} == {"EXECUTION_TIMED_OUT"}


def test_a_cancelled_execution_keeps_the_progress_it_had(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    world.generate(execution, goal.action_ids[0])
    before = status(api, owner, execution).body
    assert api(owner, "POST", f"/workflows/{execution}/cancel").status == 200
    after = status(api, owner, execution).body
    assert after["status"] == "ABORTED"
    assert after["errorCode"] == "CANCELLED"
    assert "キャンセル" in after["error"]
    for name in ("processedActions", "totalActions", "progressPercentage", "failedActions"):
        assert after[name] == before[name]


def test_every_action_is_listed_with_its_result(
    api: Api, world: World, goal: ProductGoal, owner: User, execution: str
) -> None:
    first, second, *_ = goal.action_ids
    world.generate(execution, first)
    world.fail(execution, second, ErrorCode.CONTENT_FILTERED)
    body = api(owner, "GET", f"/workflows/{execution}/actions").body
    actions = {action["actionId"]: action for action in body["actions"]}
    assert set(actions) == set(goal.action_ids)
    assert (actions[first]["status"], actions[first]["taskCount"]) == ("GENERATED", 2)
    assert actions[first]["attempts"] == 1
    assert actions[first]["durationSeconds"] >= 0
    assert actions[second]["error"]["code"] == "CONTENT_FILTERED"
    assert "安全基準" in actions[second]["error"]["message"]
    assert "error" not in actions[first]


def test_texts_of_users_are_in_no_answer(
    api: Api, owner: User, world: World, execution: str
) -> None:
    for path in (f"/workflows/{execution}/status", f"/workflows/{execution}/actions"):
        assert "フルマラソン" not in str(api(owner, "GET", path).body)


@pytest.mark.parametrize("left_as_it_is", [":", ""])
def test_an_execution_is_found_by_its_arn_too(
    api: Api, world: World, owner: User, execution: str, left_as_it_is: str
) -> None:
    arn = world.record(execution).execution_arn
    body = status(api, owner, quote(arn, safe=left_as_it_is)).body
    assert (body["executionId"], body["executionArn"]) == (execution, arn)


def test_an_arn_of_another_machine_is_not_found(
    api: Api, world: World, owner: User, execution: str
) -> None:
    arn = world.record(execution).execution_arn.replace("TaskGeneration", "Other")
    assert status(api, owner, quote(arn, safe="")).status == 404


@pytest.mark.parametrize("route", ["status", "actions"])
def test_another_users_execution_is_answered_like_an_unknown_one(
    calls: Calls, api: Api, stranger: User, execution: str, route: str
) -> None:
    api(stranger, "GET", f"/workflows/{UNKNOWN}/{route}")
    answers: list[ApiAnswer] = []
    work: list[list[str]] = []
    for execution_id in (execution, UNKNOWN):
        calls.made.clear()
        answers.append(api(stranger, "GET", f"/workflows/{execution_id}/{route}"))
        work.append(calls.operations())
    assert answers[0].status == answers[1].status == 404
    assert answers[0].body["error"] == answers[1].body["error"]
    assert work[0] == work[1] == ["Query"]


def test_an_admin_sees_executions_of_all_users(api: Api, admin: User, execution: str) -> None:
    assert status(api, admin, execution).status == 200
    assert api(admin, "GET", f"/workflows/{execution}/actions").status == 200


def test_an_expired_execution_is_not_shown_before_dynamodb_deletes_it(
    api: Api, world: World, owner: User, execution: str
) -> None:
    world.dynamodb.update_item(
        TableName="WorkflowExecution-test",
        Key={"pk": {"S": execution}, "sk": {"S": "execution"}},
        UpdateExpression="SET #ttl = :past",
        ExpressionAttributeNames={"#ttl": "ttl"},
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    assert status(api, owner, execution).status == 404
    assert api(owner, "GET", "/workflows").body == {"executions": []}


@pytest.mark.parametrize(
    "execution_id", ["latest", "1", "%00", "%E3%81%82", "..%2F..", "a%22b", "'%20OR%201=1", "%F0"]
)
def test_a_malformed_id_is_400_with_what_is_allowed(
    api: Api, owner: User, execution_id: str
) -> None:
    answer = status(api, owner, execution_id)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    [field] = answer.body["error"]["details"]["fields"]
    assert field["field"] == "executionId"
    assert "UUID" in field["allowed"]
    assert answer.body["requestId"]


def test_a_route_without_a_query_refuses_one(api: Api, owner: User, execution: str) -> None:
    answer = api(owner, "GET", f"/workflows/{execution}/status?verbose=true")
    assert answer.body["error"]["details"]["fields"][0]["field"] == "verbose"


def test_health_is_public_and_touches_nothing(calls: Calls, api: Api) -> None:
    calls.made.clear()
    answer = api(None, "GET", "/health")
    assert (answer.status, answer.body) == (200, {"status": "ok"})
    assert calls.made == []


def test_no_cache_may_keep_an_answer(api: Api, owner: User, execution: str) -> None:
    headers = status(api, owner, execution).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"].startswith("application/json")


def test_an_unknown_goal_has_an_empty_list(api: Api, stranger: User) -> None:
    assert api(stranger, "GET", f"/goals/{uuid4()}/workflows").body == {"executions": []}
