"""The changes that a worker may make to its work item, and until when."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from handlers.contract.statuses import ActionStatus
from handlers.storage.attempts import Attempts
from handlers.storage.errors import FencedError, TableUnavailableError
from handlers.storage.items import Items
from handlers.storage.models import ActionContext, GeneratedTask, KeptAnswer, Usage, WorkItem
from handlers.storage.work_item_format import new_work_item
from handlers.storage.work_item_format import usage as usage_in
from handlers.storage.work_items import WorkItems
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXECUTION, ACTION = "execution-1", "action-1"
CONTEXT = ActionContext("走る", "HABIT", "体力", "完走")
AMOUNTS = ("inputTokens", "outputTokens", "costUsd")
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


def begin(attempts: Attempts) -> WorkItem:
    return attempts.begin(EXECUTION, ACTION, prompt_version="7", model="nova")


def keep(
    attempts: Attempts, tasks: list[GeneratedTask], usage: Usage | None = None, call: int = 1
) -> bool:
    answer = KeptAnswer(tasks, prompt_version="7", model="nova")
    return attempts.keep_tasks(EXECUTION, ACTION, call, answer, usage or Usage())


def put_record(items: Items, status: str, spent: Usage | None = None) -> None:
    record = {"pk": EXECUTION, "sk": "execution", "status": status}
    usage = spent or Usage()
    amounts = (usage.input_tokens, usage.output_tokens, usage.cost_usd)
    items.put_new({**record, **dict(zip(AMOUNTS, amounts, strict=True))})


def recorded(items: Items) -> Usage:
    record = items.get(EXECUTION, "execution")
    assert record
    return usage_in(record)


@contextmanager
def failing(dynamodb: "DynamoDBClient", when: str) -> Generator[None]:
    """Transactions fail: `before-call` without an effect, `after-call` behind it."""
    event = f"{when}.dynamodb.TransactWriteItems"

    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="")

    dynamodb.meta.events.register(event, fail)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister(event, fail)


@contextmanager
def sent_twice(
    dynamodb: "DynamoDBClient", meanwhile: Callable[[], object] | None = None
) -> Generator[None]:
    """Of each update the first answer is lost, and botocore sends the request again.

    meanwhile: happens before the first of them is sent again.
    """
    event = "needs-retry.dynamodb.UpdateItem"
    left = [meanwhile] if meanwhile else []

    def again(attempts: int, **_: object) -> Any:
        if attempts > 1:
            return None
        if left:
            left.pop()()
        return 0

    dynamodb.meta.events.register(event, again)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister(event, again)


def test_attempts_count_and_keep_the_first_start(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    first = item()
    begin(attempts)
    assert (first.status, first.attempts, first.prompt_version) == (ActionStatus.GENERATING, 1, "7")
    assert item().attempts == 2
    assert first.started_at
    assert item().started_at == first.started_at


def test_every_call_is_accounted_for_on_the_item(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    usage = Usage(900, 400, Decimal("0.0000875"))
    begin(attempts)
    attempts.end_call(EXECUTION, ACTION, 1, usage)
    keep(attempts, TASKS, usage, attempts.begin_call(EXECUTION, ACTION))
    assert (item().calls_started, item().calls_ended, item().usage) == (2, 2, usage + usage)


def test_a_call_is_accounted_for_once_however_often_its_end_arrives(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    usage = Usage(900, 400, Decimal("0.0000875"))
    begin(attempts)
    for _ in range(2):
        attempts.end_call(EXECUTION, ACTION, 1, usage)
    assert (item().calls_ended, item().usage) == (1, usage)


def test_an_answer_that_is_kept_after_its_call_was_given_up_is_not_accounted_for_again(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    usage = Usage(900, 400, Decimal("0.0000875"))
    begin(attempts)
    attempts.end_call(EXECUTION, ACTION, 1, usage)
    with pytest.raises(FencedError):
        keep(attempts, TASKS, usage, 1)
    assert (item().status, item().calls_ended, item().usage) == (ActionStatus.GENERATING, 1, usage)


def test_a_call_beside_another_has_the_next_number_and_is_no_repair(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    assert attempts.begin_second_call(EXECUTION, ACTION) == 2
    hedged = begin(attempts)
    assert (hedged.calls_started, hedged.hedged_calls, hedged.repairs) == (2, 1, 0)
    assert attempts.begin_call(EXECUTION, ACTION) == 4
    assert attempts.begin_second_call(EXECUTION, ACTION) == 5
    assert (item().calls_started, item().hedged_calls) == (5, 2)


def test_each_call_has_its_number(attempts: Attempts, item: Callable[[], WorkItem]) -> None:
    assert begin(attempts).calls_started + 1 == 1
    assert attempts.begin_call(EXECUTION, ACTION) == 2
    assert begin(attempts).calls_started + 1 == 3
    assert item().calls_started == 3


def test_a_call_is_counted_as_started_once_however_often_its_start_arrives(
    dynamodb: "DynamoDBClient", attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    with sent_twice(dynamodb):
        assert begin(attempts).calls_started + 1 == 2
        assert attempts.begin_call(EXECUTION, ACTION) == 3
    assert (item().attempts, item().calls_started) == (2, 3)


def test_a_throttled_attempt_counts_once_however_often_its_note_arrives(
    dynamodb: "DynamoDBClient", attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    with sent_twice(dynamodb):
        attempts.note_error(EXECUTION, ACTION, "ThrottlingException", throttles=1)
    assert (item().throttles, item().error_detail) == (1, "ThrottlingException")
    assert not item().has_failed_before
    begin(attempts)
    attempts.note_error(EXECUTION, ACTION, "ThrottlingException", throttles=1)
    assert item().throttles == 2


def test_an_attempt_that_arrives_twice_knows_what_was_before_it(
    dynamodb: "DynamoDBClient", attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    with sent_twice(dynamodb):
        assert not begin(attempts).has_failed_before
        attempts.begin_call(EXECUTION, ACTION)
        again = begin(attempts)
    assert again.has_failed_before
    assert (again.attempts, again.repairs) == (1, 1)
    assert again.context == item().context


def test_a_start_that_arrives_again_after_the_end_begins_nothing(
    dynamodb: "DynamoDBClient", attempts: Attempts, items: Items, item: Callable[[], WorkItem]
) -> None:
    cancelled = partial(end, items, ActionStatus.FAILED)
    with sent_twice(dynamodb, cancelled), pytest.raises(FencedError):
        begin(attempts)
    assert item().calls_started == 1


def test_beginning_an_attempt_returns_the_item_as_it_was(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    before = item()
    assert begin(attempts) == before
    assert item().calls_started == 1


def test_an_attempt_of_an_action_without_an_item_is_refused(attempts: Attempts) -> None:
    with pytest.raises(LookupError, match=ACTION):
        begin(attempts)


@pytest.mark.parametrize("status", [ActionStatus.GENERATED, ActionStatus.SAVED])
def test_an_attempt_of_an_action_that_has_its_tasks_changes_nothing(
    attempts: Attempts, items: Items, item: Callable[[], WorkItem], status: ActionStatus
) -> None:
    begin(attempts)
    keep(attempts, TASKS)
    end(items, status)
    before = item()
    assert begin(attempts) == item() == before


def test_a_repeated_answer_is_accounted_for(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    assert keep(attempts, TASKS, Usage(5, 6)) is True
    assert keep(attempts, TASKS, Usage(7, 8), 2) is False
    assert (item().calls_ended, item().usage) == (2, Usage(12, 14))


def test_an_answer_that_the_table_did_not_keep_is_accounted_for(
    dynamodb: "DynamoDBClient", attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    with failing(dynamodb, "before-call"), pytest.raises(TableUnavailableError):
        keep(attempts, TASKS, Usage(5, 6))
    assert (item().status, item().usage) == (ActionStatus.PENDING, Usage(5, 6))


def test_an_answer_that_was_kept_although_the_table_did_not_say_so_counts_once(
    dynamodb: "DynamoDBClient", attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    with failing(dynamodb, "after-call"), pytest.raises(TableUnavailableError):
        keep(attempts, TASKS, Usage(5, 6))
    assert (item().status, item().usage) == (ActionStatus.GENERATED, Usage(5, 6))


def test_an_answer_that_was_kept_and_then_cancelled_counts_once(
    monkeypatch: pytest.MonkeyPatch,
    attempts: Attempts,
    items: Items,
    item: Callable[[], WorkItem],
) -> None:
    """Found by chaos/simulation: the answer of the table is lost, and the cancel fails the item."""
    write = Items.update_and_put

    def cancelled_before_the_answer(*arguments: Any, **options: Any) -> None:
        write(*arguments, **options)
        end(items, ActionStatus.FAILED)
        raise TableUnavailableError("ReadTimeoutError")

    monkeypatch.setattr(Items, "update_and_put", cancelled_before_the_answer)
    with pytest.raises(TableUnavailableError):
        keep(attempts, TASKS, Usage(5, 6))
    assert (item().status, item().usage) == (ActionStatus.FAILED, Usage(5, 6))


@pytest.mark.parametrize(
    ("status", "settled"), [("RUNNING", Usage()), ("SUCCEEDED", Usage(5, 6, Decimal("0.01")))]
)
def test_a_late_call_is_settled_on_the_record_of_an_execution_that_has_ended(
    attempts: Attempts, items: Items, item: Callable[[], WorkItem], status: str, settled: Usage
) -> None:
    put_record(items, status)
    end(items, ActionStatus.FAILED)
    attempts.end_call(EXECUTION, ACTION, 1, Usage(5, 6, Decimal("0.01")))
    assert recorded(items) == settled
    assert item().usage == Usage(5, 6, Decimal("0.01"))


def test_an_earlier_sum_does_not_replace_a_later_one(work_items: WorkItems, items: Items) -> None:
    put_record(items, "SUCCEEDED", Usage(5, 6))
    work_items.settle_usage(EXECUTION)
    assert recorded(items) == Usage(5, 6)


def test_keeping_tasks_makes_the_item_generated_and_the_tasks_readable(
    attempts: Attempts, items: Items, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    keep(attempts, TASKS)
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
    attempts: Attempts, items: Items, item: Callable[[], WorkItem], status: ActionStatus
) -> None:
    begin(attempts)
    keep(attempts, TASKS)
    end(items, status)
    keep(attempts, TASKS[:1])
    kept = items.get(EXECUTION, f"tasks#{ACTION}")
    assert kept
    assert len(kept["tasks"]) == item().task_count == 2
    assert item().status == status


def test_a_late_worker_changes_only_the_accounting(
    attempts: Attempts, items: Items, item: Callable[[], WorkItem]
) -> None:
    begin(attempts)
    end(items, ActionStatus.FAILED)
    before = item()
    for write in (
        lambda: begin(attempts),
        lambda: attempts.begin_call(EXECUTION, ACTION),
        lambda: attempts.begin_second_call(EXECUTION, ACTION),
        lambda: keep(attempts, TASKS),
    ):
        with pytest.raises(FencedError, match=ACTION):
            write()
    attempts.note_error(EXECUTION, ACTION, "too late")
    assert item() == replace(before, calls_ended=1)
    assert items.get(EXECUTION, f"tasks#{ACTION}") is None
    attempts.end_call(EXECUTION, ACTION, 2, Usage(5, 6))
    assert item().usage == Usage(5, 6)


def test_tasks_kept_while_the_item_fails_are_refused_as_a_whole(
    dynamodb: "DynamoDBClient",
    attempts: Attempts,
    items: Items,
    item: Callable[[], WorkItem],
) -> None:
    """The item fails between the worker's look at it and its transaction."""
    begin(attempts)

    def fail_first(**_: object) -> None:
        dynamodb.meta.events.unregister("before-call.dynamodb.TransactWriteItems", fail_first)
        end(items, ActionStatus.FAILED)

    dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", fail_first)
    with pytest.raises(FencedError):
        keep(attempts, TASKS)
    assert items.get(EXECUTION, f"tasks#{ACTION}") is None


def test_accounting_does_not_create_an_expired_item_anew(
    dynamodb: "DynamoDBClient", attempts: Attempts
) -> None:
    attempts.end_call(EXECUTION, ACTION, 1, Usage(1, 1))
    attempts.note_error(EXECUTION, ACTION, "x")
    assert dynamodb.scan(TableName=TABLE_NAME)["Items"] == []


def test_the_detail_of_an_error_has_at_most_500_characters(
    attempts: Attempts, item: Callable[[], WorkItem]
) -> None:
    attempts.note_error(EXECUTION, ACTION, "x" * 501)
    assert item().error_detail == "x" * 500
