"""The functions' own surroundings, and a worker whose model answers as a test likes."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

import handlers.task_generation as entry
from handlers.contract.ids import new_execution_id
from handlers.generation.errors import GenerationError
from handlers.storage.goals import TEXT_CHARACTERS
from handlers.storage.items import Item, Items
from handlers.storage.models import ActionContext
from handlers.storage.work_item_format import new_work_item
from tests.attacks.attack import TEXTS
from tests.handlers.cold_start import start_cold
from tests.handlers.conftest import (
    aws,
    database_url,
    dynamodb,
    functions_are_held_to_their_roles,
    goal,
    metrics_have_an_environment,
    one_at_a_time,
    product_url,
    world,
)
from tests.handlers.lambda_context import LambdaContext
from tests.handlers.scripted_bedrock import ScriptedAnswer, ScriptedBedrock, scripted_bedrock
from tests.handlers.world import TABLE_NAME

__all__ = [
    "aws",
    "database_url",
    "dynamodb",
    "functions_are_held_to_their_roles",
    "goal",
    "metrics_have_an_environment",
    "one_at_a_time",
    "product_url",
    "world",
]
"""The fixtures of the functions' tests, as they are there."""


def as_read(context: ActionContext) -> ActionContext:
    """The texts as they come out of the product's database."""
    texts = {name: (getattr(context, name) or "")[:TEXT_CHARACTERS] for name in TEXTS}
    return replace(context, **{name: text for name, text in texts.items() if text})


@dataclass(frozen=True)
class Outcome:
    """What one action came to: its error (None if it has tasks), its items, and the requests."""

    error: GenerationError | None
    item: Item
    tasks: list[Any]
    requests: list[dict[str, Any]]


@dataclass
class PoisonedWorker:
    """The function task-generation, its table and its model."""

    bedrock: ScriptedBedrock
    items: Items
    logged: io.StringIO

    def generate(self, name: str, context: ActionContext, *answers: ScriptedAnswer) -> Outcome:
        """One action whose model gives these answers; any other error than ours is a defect."""
        execution_id, action_id = new_execution_id(), str(uuid5(NAMESPACE_OID, name))
        self.items.put_new(new_work_item(execution_id, action_id, as_read(context)))
        before = len(self.bedrock.requests)
        self.bedrock.answers[:] = answers
        event = {
            "executionId": execution_id,
            "goalId": str(uuid5(NAMESPACE_OID, "goal")),
            "actionId": action_id,
            "deadline": int(time.time()) + 900,
        }
        error: GenerationError | None = None
        try:
            entry.handler(event, LambdaContext())
        except GenerationError as raised:
            error = raised
        kept = self.items.get(execution_id, f"tasks#{action_id}")
        item = self.items.get(execution_id, f"action#{action_id}")
        assert item
        tasks: list[Any] = kept["tasks"] if kept else []
        return Outcome(error, item, tasks, self.bedrock.requests[before:])

    def lines(self, printed: str) -> list[dict[str, Any]]:
        """Everything written so far; a line that is no JSON object is a defect."""
        written = self.logged.getvalue().split("\n") + printed.split("\n")
        return [json.loads(line) for line in written if line]


@pytest.fixture
def poisoned(
    monkeypatch: pytest.MonkeyPatch,
    dynamodb: Any,
) -> Iterator[PoisonedWorker]:
    """A worker after a cold start."""
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "TTL_DAYS": "90",
        "BEDROCK_MODEL": "apac.amazon.nova-micro-v1:0",
        "MODEL_CALL_TIMEOUT_SECONDS": "10",
        "HEDGE_AFTER_SECONDS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    logged = io.StringIO()
    monkeypatch.setattr(entry.telemetry.logger.registered_handler, "stream", logged)
    with scripted_bedrock() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
        start_cold()
        yield PoisonedWorker(server, Items(dynamodb, TABLE_NAME), logged)
        start_cold()
