"""The changes that a worker may make to its work item, and until when."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from handlers.contract.statuses import ActionStatus
from handlers.storage.errors import ConditionFailedError, FencedError, TableUnavailableError
from handlers.storage.items import Items, deserialised, known_errors
from handlers.storage.models import ActionContext, GeneratedTask, Usage, WorkItem
from handlers.storage.work_item_format import new_work_item
from handlers.storage.work_items import WorkItems
from tests.handlers.measured import measured
from tests.handlers.world import TABLE_NAME, TTL_DAYS, added, new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXECUTION, ACTION = "execution-1", "action-1"
CONTEXT = ActionContext(
    action_title="毎朝30分走る",
    action_type="HABIT",
    sub_goal_title="体力をつける",
    goal_title="フルマラソンを完走する",
    goal_deadline=date(2027, 3, 31),
    goal_constraints="平日は夜9時以降は使えない",
)
TASKS = [
    GeneratedTask("走る服を玄関に置く", "前の晩に用意する", "HABIT", 30),
    GeneratedTask("近所を一周する", "ゆっくり走る", "HABIT", 45),
]


@pytest.fixture
def items(dynamodb: "DynamoDBClient") -> Items:
    return Items(dynamodb, TABLE_NAME)


@pytest.fixture
def item(items: Items, work_items: WorkItems) -> Callable[[], WorkItem]:
    """A work item as Prepare leaves it; the function reads it again."""
    items.put_new(new_work_item(EXECUTION, ACTION, CONTEXT))

    def read() -> WorkItem:
        found = work_items.get(EXECUTION, ACTION)
        assert found
        return found

    return read


def end(items: Items, status: ActionStatus) -> None:
    values = {":status": status.value}
    items.update(
        EXECUTION, f"action#{ACTION}", "SET #status = :status", "attribute_exists(pk)", values
    )


def begin(work_items: WorkItems) -> None:
    work_items.begin_attempt(EXECUTION, ACTION, prompt_version="7", model="nova")


def test_a_context_is_read_as_it_was_written(item: Callable[[], WorkItem]) -> None:
    assert item() == WorkItem(EXECUTION, ACTION, ActionStatus.PENDING, CONTEXT)


def test_an_unknown_work_item_is_none(work_items: WorkItems) -> None:
    assert work_items.get(EXECUTION, "nobody") is None


def test_attempts_count_and_keep_the_first_start(
    work_items: WorkItems, item: Callable[[], WorkItem]
) -> None:
    begin(work_items)
    first = item()
    begin(work_items)
    assert (first.status, first.attempts, first.prompt_version) == (ActionStatus.GENERATING, 1, "7")
    assert item().attempts == 2
    assert first.started_at
    assert item().started_at == first.started_at


def test_every_call_is_accounted_for_on_the_item_and_on_the_record(
    work_items: WorkItems, items: Items, item: Callable[[], WorkItem]
) -> None:
    record = {"inputTokens": 0, "outputTokens": 0, "costUsd": Decimal(0)}
    items.put_new({"pk": EXECUTION, "sk": "execution", **record})
    usage = Usage(900, 400, Decimal("0.0000875"))
    for _ in range(2):
        work_items.begin_call(EXECUTION, ACTION)
        work_items.end_call(EXECUTION, ACTION, usage)
    assert (item().calls_started, item().calls_ended, item().usage) == (2, 2, added(usage, usage))
    kept = items.get(EXECUTION, "execution")
    assert kept
    assert (kept["inputTokens"], kept["costUsd"]) == (1800, Decimal("0.000175"))


def test_keeping_tasks_makes_the_item_generated_and_the_tasks_readable(
    work_items: WorkItems, items: Items, item: Callable[[], WorkItem]
) -> None:
    begin(work_items)
    work_items.keep_tasks(EXECUTION, ACTION, TASKS)
    assert (item().status, item().task_count) == (ActionStatus.GENERATED, 2)
    kept = items.get(EXECUTION, f"tasks#{ACTION}")
    assert kept
    assert kept["tasks"][1] == {
        "title": "近所を一周する",
        "description": "ゆっくり走る",
        "type": "HABIT",
        "estimatedMinutes": 45,
    }
    assert (kept["promptVersion"], kept["model"]) == ("7", "nova")
    assert kept["ttl"] > 0


@pytest.mark.parametrize("status", [ActionStatus.GENERATED, ActionStatus.SAVED])
def test_the_first_answer_stays(
    work_items: WorkItems, items: Items, item: Callable[[], WorkItem], status: ActionStatus
) -> None:
    begin(work_items)
    work_items.keep_tasks(EXECUTION, ACTION, TASKS)
    end(items, status)
    work_items.keep_tasks(EXECUTION, ACTION, TASKS[:1])
    kept = items.get(EXECUTION, f"tasks#{ACTION}")
    assert kept
    assert len(kept["tasks"]) == item().task_count == 2
    assert item().status == status


def test_a_late_worker_changes_only_the_accounting(
    work_items: WorkItems, items: Items, item: Callable[[], WorkItem]
) -> None:
    begin(work_items)
    end(items, ActionStatus.FAILED)
    before = item()
    for write in (
        lambda: begin(work_items),
        lambda: work_items.begin_call(EXECUTION, ACTION),
        lambda: work_items.keep_tasks(EXECUTION, ACTION, TASKS),
    ):
        with pytest.raises(FencedError, match=ACTION):
            write()
    work_items.note_error(EXECUTION, ACTION, "too late")
    assert item() == before
    assert items.get(EXECUTION, f"tasks#{ACTION}") is None
    work_items.end_call(EXECUTION, ACTION, Usage(5, 6))
    assert item().usage == Usage(5, 6)


def test_tasks_kept_while_the_item_fails_are_refused_as_a_whole(
    dynamodb: "DynamoDBClient",
    work_items: WorkItems,
    items: Items,
    item: Callable[[], WorkItem],
) -> None:
    """The item fails between the worker's look at it and its transaction."""
    begin(work_items)

    def fail_first(**_: object) -> None:
        dynamodb.meta.events.unregister("before-call.dynamodb.TransactWriteItems", fail_first)
        end(items, ActionStatus.FAILED)

    dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", fail_first)
    with pytest.raises(FencedError):
        work_items.keep_tasks(EXECUTION, ACTION, TASKS)
    assert items.get(EXECUTION, f"tasks#{ACTION}") is None


def test_accounting_does_not_create_an_expired_item_anew(
    dynamodb: "DynamoDBClient", work_items: WorkItems
) -> None:
    work_items.end_call(EXECUTION, ACTION, Usage(1, 1))
    work_items.note_error(EXECUTION, ACTION, "x")
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []


def test_the_detail_of_an_error_has_at_most_500_characters(
    work_items: WorkItems, item: Callable[[], WorkItem]
) -> None:
    work_items.note_error(EXECUTION, ACTION, "x" * 501)
    assert item().error_detail == "x" * 500


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("TransactionConflictException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_a_transient_error_of_dynamodb_is_unavailable(
    dynamodb: "DynamoDBClient", work_items: WorkItems, code: str, status: int
) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("update_item", code, http_status_code=status)
        with pytest.raises(TableUnavailableError, match=code):
            work_items.begin_call(EXECUTION, ACTION)


def test_a_lost_connection_to_the_table_is_unavailable(dynamodb: "DynamoDBClient") -> None:
    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    client = new_client("dynamodb")
    client.meta.events.register("before-send.dynamodb.GetItem", lose)
    with pytest.raises(TableUnavailableError, match="ReadTimeoutError"):
        WorkItems(client, TABLE_NAME, TTL_DAYS).get(EXECUTION, ACTION)


def test_a_missing_permission_is_not_unavailable(
    dynamodb: "DynamoDBClient", work_items: WorkItems
) -> None:
    with Stubber(dynamodb) as stub:
        stub.add_client_error("get_item", "AccessDeniedException", http_status_code=400)
        with pytest.raises(ClientError, match="AccessDenied"):
            work_items.get(EXECUTION, ACTION)


@pytest.mark.parametrize(
    ("code", "reasons", "counted"),
    [
        ("ValidationException", [], [1]),
        ("AccessDeniedException", [], [1]),
        ("TransactionCanceledException", ["None", "ValidationError"], [1]),
        ("TransactionCanceledException", ["None", "TransactionConflict"], []),
        ("TransactionCanceledException", ["None", "ConditionalCheckFailed"], []),
        ("ConditionalCheckFailedException", [], []),
        ("ThrottlingException", [], []),
        ("InternalServerError", [], []),
    ],
)
def test_only_invalid_requests_to_the_table_are_counted(
    capsys: pytest.CaptureFixture[str], code: str, reasons: list[str], counted: list[float]
) -> None:
    answer: Any = {
        "Error": {"Code": code},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
        "ResponseMetadata": {"HTTPStatusCode": 500 if code == "InternalServerError" else 400},
    }
    known = (ClientError, ConditionFailedError, TableUnavailableError)
    with pytest.raises(known), known_errors():
        raise ClientError(answer, "TransactWriteItems")
    assert measured(capsys.readouterr().out).get("TableUserErrors", []) == counted


def test_a_work_item_has_the_documented_attributes(
    dynamodb: "DynamoDBClient", item: Callable[[], WorkItem]
) -> None:
    [wire] = dynamodb.scan(TableName=TABLE_NAME)["Items"]
    kept = deserialised(wire)
    assert (kept["pk"], kept["sk"]) == (EXECUTION, "action#action-1")
    assert kept["context"] == {
        "actionTitle": "毎朝30分走る",
        "actionType": "HABIT",
        "subGoalTitle": "体力をつける",
        "goalTitle": "フルマラソンを完走する",
        "goalDeadline": "2027-03-31",
        "goalConstraints": "平日は夜9時以降は使えない",
    }
