"""The handlers' functions, each in a thread that stops before every step until it is let go.

A step is a request of DynamoDB or Step Functions, or a transaction. Whoever lets a thread go says
what happens to its step, and gets the name of the step before which it stops next.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread, local
from typing import Any

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from psycopg import Connection

from handlers.executions.state_machine import StateMachine
from handlers.storage.access import TableAccess
from handlers.storage.attempts import Attempts
from handlers.storage.database import Database
from handlers.storage.stores import Stores
from tests.handlers.world import MACHINE, TABLE_NAME, TTL_DAYS, Killed, World, client, new_client

NOTHING, REFUSED, LOST_REQUEST, LOST_ANSWER, DEATH = (
    "nothing",
    "refused",
    "request",
    "answer",
    "death",
)
"""What may happen to a step; the last three are errors of the network."""

_here = local()


class Stepwise:
    """One function with all that it may reach. at: its next step; None once it ended."""

    def __init__(self, world: World, act: Callable[[Stores, StateMachine, Attempts], str]) -> None:
        self.answer: str | None = None
        self.at: str | None = None
        self._act = act
        self._verdicts = SimpleQueue[str]()
        self._stops = SimpleQueue[str | None]()
        self._loses_answer = False
        dynamodb, stepfunctions = new_client("dynamodb"), new_client("stepfunctions")
        for each in (dynamodb, stepfunctions):
            each.meta.events.register("before-parameter-build", self._before)
            each.meta.events.register("after-call", self._after)
        stepwise = self

        class StepwiseDatabase(Database):
            @contextmanager
            def transaction(self) -> Generator[Connection]:
                stepwise.stop("transaction")
                with super().transaction() as connection:
                    yield connection

        self._machine = StateMachine(stepfunctions, MACHINE)
        database = StepwiseDatabase(client("secretsmanager"), world.secret_arn, local=True)
        access = TableAccess(dynamodb, TABLE_NAME, TTL_DAYS)
        self._stores, self._attempts = Stores.of(database, access), Attempts(*access)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        self.at = self._stops.get()

    def go(self, verdict: str = NOTHING) -> None:
        """Take the step before which it stopped, and stop before the next one."""
        self._verdicts.put(verdict)
        self.at = self._stops.get()
        if self.at is None:
            self._thread.join()

    def kill(self) -> None:
        """Let it die where it is, if it has not ended."""
        if self.at is not None:
            self.go(DEATH)

    def stop(self, step: str) -> None:
        """Stop before a step, in this function's thread."""
        self._stops.put(step)
        verdict = self._verdicts.get()
        if verdict == DEATH:
            raise Killed
        if verdict == REFUSED:
            raise EndpointConnectionError(endpoint_url="")
        if verdict == LOST_REQUEST:
            raise ReadTimeoutError(endpoint_url="")
        self._loses_answer = verdict == LOST_ANSWER

    def _before(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.stop(f"{model.name} {_target(params)}".strip())

    def _after(self, **_: object) -> None:
        if self._loses_answer:
            self._loses_answer = False
            raise ReadTimeoutError(endpoint_url="")

    def _run(self) -> None:
        try:
            self.answer = self._act(self._stores, self._machine, self._attempts)
        except Killed:
            self.answer = "killed"
        except Exception as error:
            self.answer = type(error).__name__
        finally:
            self._stores.database.close()
            self._stops.put(None)


def _target(params: dict[str, Any]) -> str:
    """The kind of item that a request of DynamoDB is about."""
    item = params.get("Key") or params.get("Item")
    sk = item["sk"]["S"] if item else ""
    values = params.get("ExpressionAttributeValues", {})
    if "KeyConditionExpression" in params:
        sk = values[":prefix"]["S"]
    return sk.partition("#")[0]
