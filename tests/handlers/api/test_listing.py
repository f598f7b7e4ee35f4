"""Lists: newest first, filtered, page by page, the caller's executions only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from handlers.contract.clock import timestamp, utc_now
from handlers.contract.statuses import ExecutionStatus
from handlers.storage.items import serialised
from tests.handlers.api.conftest import Api, Calls
from tests.handlers.gateway import ApiAnswer, User
from tests.handlers.world import ACCOUNT, REGION, TABLE_NAME, World

NOW = utc_now()


def put_record(
    world: World,
    user: User,
    goal_id: str,
    started: datetime,
    status: ExecutionStatus = ExecutionStatus.SUCCEEDED,
) -> str:
    """Write an execution's record as of some time."""
    milliseconds = int(started.timestamp() * 1000)
    random = uuid4().int & ((1 << 62) - 1)
    execution_id = str(UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | random))
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:TaskGenerationWorkflow-test:{execution_id}"
    item: dict[str, Any] = {
        "pk": execution_id,
        "sk": "execution",
        "goalId": goal_id,
        "userId": user.user_id,
        "month": f"{started.astimezone(UTC):%Y-%m}",
        "status": status.value,
        "executionArn": arn,
        "startedAt": timestamp(started),
        "totalActions": 64,
        "inputTokens": 0,
        "outputTokens": 0,
        "costUsd": Decimal(0),
        "taskCount": 0,
        "ttl": int((utc_now() + timedelta(days=90)).timestamp()),
    }
    if status != ExecutionStatus.RUNNING:
        item |= {"stoppedAt": timestamp(started + timedelta(seconds=48)), "failedActions": []}
    world.dynamodb.put_item(TableName=TABLE_NAME, Item=serialised(item))
    return execution_id


@pytest.fixture
def user() -> User:
    return User(str(uuid4()))


@pytest.fixture
def goal_id() -> str:
    return str(uuid4())


def ids(answer: ApiAnswer) -> list[str]:
    assert answer.status == 200, answer.body
    return [execution["executionId"] for execution in answer.body["executions"]]


def listed(api: Api, user: User, path: str, **query: object) -> ApiAnswer:
    return api(user, "GET", f"{path}?{urlencode(query)}")


def every_page(api: Api, user: User, path: str, **query: object) -> list[list[str]]:
    """Walk a list to its end."""
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = listed(api, user, path, **query, **cursor)
        pages.append(ids(answer))
        if "nextCursor" not in answer.body:
            return pages
        cursor = {"cursor": answer.body["nextCursor"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 100])
def test_the_pages_of_a_list_hold_each_execution_once_newest_first(
    api: Api, world: World, user: User, goal_id: str, limit: int
) -> None:
    made = [put_record(world, user, goal_id, NOW - timedelta(hours=hour)) for hour in range(7)]
    for path in ("/workflows", f"/goals/{goal_id}/workflows"):
        pages = every_page(api, user, path, limit=limit)
        assert [each for page in pages for each in page] == made
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert pages[-1]


def test_a_listed_execution_has_its_times_duration_and_cost(
    api: Api, world: World, user: User, goal_id: str
) -> None:
    put_record(world, user, goal_id, NOW)
    [line] = api(user, "GET", "/workflows").body["executions"]
    assert (line["goalId"], line["status"], line["totalActions"]) == (goal_id, "SUCCEEDED", 64)
    assert line["durationSeconds"] == 48
    assert line["cost"] == {"amount": 0, "currency": "USD"}


def test_a_filter_by_status_finds_executions_on_any_page(
    api: Api, world: World, user: User, goal_id: str
) -> None:
    statuses = [ExecutionStatus.FAILED, ExecutionStatus.SUCCEEDED] * 3
    made = [
        put_record(world, user, goal_id, NOW - timedelta(minutes=age), status)
        for age, status in enumerate(statuses)
    ]
    for path in ("/workflows", f"/goals/{goal_id}/workflows"):
        pages = every_page(api, user, path, status="FAILED", limit=2)
        assert [each for page in pages for each in page] == made[::2]


def test_a_list_includes_both_its_dates(api: Api, world: World, user: User, goal_id: str) -> None:
    start = NOW.replace(microsecond=0)
    made = [put_record(world, user, goal_id, start - timedelta(minutes=age)) for age in range(5)]
    for path in ("/workflows", f"/goals/{goal_id}/workflows"):
        bounds = {
            "from": timestamp(start - timedelta(minutes=3)),
            "to": timestamp(start - timedelta(minutes=1)),
        }
        assert ids(listed(api, user, path, **bounds)) == made[1:4]
        assert every_page(api, user, path, limit=1, **bounds) == [[each] for each in made[1:4]]
        assert ids(listed(api, user, path, to="2020-01-01")) == []
        assert ids(listed(api, user, path, **{"from": "9999-12-31"})) == []
        assert ids(listed(api, user, path, **{"from": "0001-01-01"})) == made


def test_a_list_reads_nothing_outside_its_dates(
    api: Api, world: World, user: User, goal_id: str, calls: Calls
) -> None:
    put_record(world, user, goal_id, NOW)
    listed(api, user, f"/goals/{goal_id}/workflows", **{"from": "2026-01-01"})
    _, parameters = calls.made[-1]
    assert "pk BETWEEN" in parameters["KeyConditionExpression"]


def test_a_user_lists_their_executions_and_an_admin_all(
    api: Api, world: World, user: User, admin: User, goal_id: str
) -> None:
    other = User(str(uuid4()))
    mine = put_record(world, user, goal_id, NOW)
    theirs = put_record(world, other, str(uuid4()), NOW - timedelta(minutes=1))
    assert ids(api(user, "GET", "/workflows")) == [mine]
    assert ids(api(other, "GET", "/workflows")) == [theirs]
    seen = ids(listed(api, admin, "/workflows", limit=100))
    assert seen.index(mine) < seen.index(theirs)
    assert ids(api(admin, "GET", f"/goals/{goal_id}/workflows")) == [mine]


def test_another_users_goal_is_listed_like_an_unknown_one(
    api: Api, world: World, user: User, stranger: User, calls: Calls
) -> None:
    goal_id = str(uuid4())
    for age in range(5):
        put_record(world, user, goal_id, NOW - timedelta(minutes=age))
    for query in ({"limit": 1}, {"status": "FAILED"}, {"from": "2020-01-01"}):
        calls.made.clear()
        foreign = listed(api, stranger, f"/goals/{goal_id}/workflows", **query)
        unknown = listed(api, stranger, f"/goals/{uuid4()}/workflows", **query)
        assert foreign.body == unknown.body == {"executions": []}
        assert calls.operations() == ["Query", "Query"]


def test_executions_of_a_goals_former_owner_stay_visible_only_to_them(
    api: Api, world: World, user: User, stranger: User, goal_id: str
) -> None:
    put_record(world, user, goal_id, NOW - timedelta(minutes=1))
    newer = put_record(world, stranger, goal_id, NOW)
    assert ids(api(stranger, "GET", f"/goals/{goal_id}/workflows")) == [newer]


def test_an_admins_list_crosses_months_newest_first(
    api: Api, world: World, user: User, admin: User, goal_id: str
) -> None:
    made = [
        put_record(world, user, goal_id, NOW - timedelta(days=days)) for days in range(0, 85, 7)
    ]
    pages = every_page(api, admin, "/workflows", limit=20)
    seen = [each for page in pages for each in page]
    assert seen == sorted(seen, reverse=True)
    assert [each for each in seen if each in made] == made
    since = {"from": timestamp(NOW - timedelta(days=50)), "to": timestamp(NOW - timedelta(days=20))}
    pages = every_page(api, admin, "/workflows", limit=2, **since)
    assert [each for page in pages for each in page if each in made] == made[3:8]


def test_a_long_filtered_list_continues_over_short_pages(
    api: Api, world: World, user: User, goal_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.storage import execution_queries

    monkeypatch.setattr(execution_queries, "_FILTERED_PER_QUERY", 2)
    monkeypatch.setattr(execution_queries, "_QUERIES_PER_PAGE", 2)
    for age in range(9):
        put_record(world, user, goal_id, NOW - timedelta(minutes=age))
    last = put_record(world, user, goal_id, NOW - timedelta(hours=1), ExecutionStatus.FAILED)
    pages = every_page(api, user, "/workflows", status="FAILED")
    assert pages == [[], [], [last]]


def test_a_page_takes_the_same_reads_however_long_the_list_is(
    api: Api, world: World, user: User, goal_id: str, calls: Calls
) -> None:
    reads: list[list[str]] = []
    for count in (10, 90):
        for age in range(count):
            put_record(world, user, goal_id, NOW - timedelta(minutes=age))
        calls.made.clear()
        answer = listed(api, user, f"/goals/{goal_id}/workflows", limit=5)
        assert len(ids(answer)) == 5
        reads.append(
            [operation for operation in calls.operations() if operation != "GetSecretValue"]
        )
    assert reads[0] == reads[1] == ["Query", "Query"]
    assert "Scan" not in calls.operations()


@pytest.fixture
def cursor(api: Api, world: World, user: User, goal_id: str) -> str:
    """A cursor of the user's `/workflows`, unfiltered."""
    for age in range(3):
        put_record(world, user, goal_id, NOW - timedelta(minutes=age))
    return listed(api, user, "/workflows", limit=1).body["nextCursor"]


def test_a_cursor_of_another_user_or_list_is_refused(
    api: Api, user: User, admin: User, goal_id: str, cursor: str
) -> None:
    assert listed(api, user, "/workflows", cursor=cursor, limit=2).status == 200
    refusals = [
        listed(api, User(str(uuid4())), "/workflows", cursor=cursor),
        listed(api, admin, "/workflows", cursor=cursor),
        listed(api, User(user.user_id, ("admin",)), "/workflows", cursor=cursor),
        listed(api, user, f"/goals/{goal_id}/workflows", cursor=cursor),
        listed(api, user, "/workflows", cursor=cursor, status="FAILED"),
        listed(api, user, "/workflows", cursor=cursor, to="2026-11-24"),
        listed(api, user, "/workflows", cursor=cursor + "x"),
        listed(api, user, "/workflows", cursor="x"),
        listed(api, user, "/workflows", cursor=""),
    ]
    for refusal in refusals:
        assert (refusal.status, refusal.code) == (400, "VALIDATION_ERROR")
        [field] = refusal.body["error"]["details"]["fields"]
        assert field["field"] == "cursor"
        assert "nextCursor" in field["allowed"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=10&limit=20", "page=2", "from=2026-02-30", "status=done", "goalId=x"],
)
def test_a_wrong_query_is_refused_by_name(api: Api, user: User, query: str) -> None:
    answer = api(user, "GET", f"/workflows?{query}")
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.body["error"]["details"]["fields"][0]["field"] == query.partition("=")[0]
