"""The function task-generation after a cold start, with a model over HTTP and one action to do."""

import io
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

import handlers.task_generation as entry
from handlers.storage.items import Items
from handlers.storage.models import ActionContext
from handlers.storage.work_item_format import new_work_item
from tests.handlers.cold_start import start_cold
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock
from tests.handlers.scripted_bedrock import scripted_bedrock
from tests.handlers.task_generation.invocation import ACTION, EXECUTION
from tests.handlers.world import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bedrock]:
    with scripted_bedrock() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        yield server


@pytest.fixture
def items(dynamodb: "DynamoDBClient") -> Items:
    return Items(dynamodb, TABLE_NAME)


@pytest.fixture
def context() -> ActionContext:
    """The texts of the action."""
    return ActionContext("毎朝30分走る", "HABIT", "体力をつける", "フルマラソンを完走する")


@pytest.fixture(autouse=True)
def function(
    monkeypatch: pytest.MonkeyPatch, bedrock: Bedrock, items: Items, context: ActionContext
) -> Iterator[None]:
    """The function after a cold start, with one work item to do."""
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "TTL_DAYS": "90",
        "MODEL_BUDGET_PER_MINUTE": "0",
        "BEDROCK_MODEL": "apac.amazon.nova-micro-v1:0",
        "MODEL_CALL_TIMEOUT_SECONDS": "10",
        "HEDGE_AFTER_SECONDS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    items.put_new(new_work_item(EXECUTION, ACTION, context))
    start_cold()
    yield
    start_cold()


@pytest.fixture
def output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], list[dict[str, Any]]]:
    """What the function has written since it was last asked for, log lines and metrics."""
    logged = io.StringIO()
    monkeypatch.setattr(entry.telemetry.logger.registered_handler, "stream", logged)

    def lines() -> list[dict[str, Any]]:
        written = logged.getvalue().splitlines() + capsys.readouterr().out.splitlines()
        logged.seek(0)
        logged.truncate()
        return [json.loads(line) for line in written]

    return lines
