"""The real function behind each of the model's processes, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import local
from typing import Any

from handlers.contract.statuses import ActionStatus
from handlers.executions.cancel import cancel
from handlers.executions.errors import (
    ExecutionEndedError,
    ExecutionFinishingError,
    ExecutionNotFoundError,
    NothingToRetryError,
)
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.prepare import Limits, prepare
from handlers.executions.reconcile import reconcile, sweep
from handlers.executions.retry import retry_request
from handlers.executions.save import save_batch
from handlers.executions.start import StartRequest, start
from handlers.executions.start_once import start_once
from handlers.executions.state_machine import StateMachine
from handlers.storage.attempts import Attempts
from handlers.storage.models import GeneratedTask
from handlers.storage.stores import Stores
from tests.handlers.world import ONE_CALL, STARTED_AT, ProductGoal, ignore, kept

Act = Callable[[Stores, StateMachine, Attempts], str]

CLIENTS_KEY = "8e03978e"
TASKS = [GeneratedTask(title, "詳しく", "HABIT", 30) for title in ("走る", "休む")]

_ids = local()


def next_id() -> str:
    """The next id that this thread's start may use, instead of a new one."""
    return _ids.left.pop(0)


def act(name: str, values: dict[str, Any], goal: ProductGoal, ids: Sequence[str]) -> Act:
    """The function behind the process of this name, whose arguments are numbers."""
    return getattr(_Acts(goal, list(ids), values), name)


@dataclass(frozen=True)
class _Acts:
    """By the names of the model's processes."""

    goal: ProductGoal
    ids: list[str]
    values: dict[str, Any]

    def start_once(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        _ids.left = [self.ids[self._number("new")], self.ids[self._number("spare")]]
        return self._accepted(start_once(stores, machine, self._request, CLIENTS_KEY).execution_id)

    def start(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        return self._accepted(start(stores, machine, self._request, self._id).execution_id)

    def retry(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        earlier = self.ids[self._number("earlier")]
        try:
            request = retry_request(stores, earlier, user_id=self.goal.user_id)
        except NothingToRetryError:
            return "409"
        return self._accepted(start(stores, machine, request, self._id).execution_id)

    def prepare(self, stores: Stores, *_: object) -> str:
        prepare(
            stores,
            self.goal.goal_id,
            self._id,
            self._actions(self.values["wanted"]),
            started_at=STARTED_AT,
            limits=Limits(timeout_seconds=900, batch_size=8),
        )
        return "done"

    def worker(self, _: Stores, __: StateMachine, attempts: Attempts) -> str:
        which = self._id, self.goal.action_ids[self._number("action")]
        item = attempts.begin(*which, prompt_version="1", model="nova")
        if item.status not in (ActionStatus.GENERATED, ActionStatus.SAVED):
            attempts.keep_tasks(*which, item.calls_started + 1, kept(TASKS), ONE_CALL)
        return "done"

    def save_batch(self, stores: Stores, *_: object) -> str:
        save_batch(stores, self.goal.goal_id, self._id, self._actions(self.values["batch"]))
        return "done"

    def finish(self, stores: Stores, *_: object) -> str:
        end_execution(stores, self.goal.goal_id, self._id, COMPLETED)
        return "done"

    def cancel(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        try:
            cancel(stores, machine, self._id, user_id=self.goal.user_id, reason="")
        except ExecutionNotFoundError:
            return "404"
        except (ExecutionEndedError, ExecutionFinishingError):
            return "409"
        return "200"

    def reconcile(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        reconcile(stores, machine, self._id, ignore)
        return "done"

    def sweep(self, stores: Stores, machine: StateMachine, *_: object) -> str:
        sweep(stores, machine, timeout_seconds=900, publish=ignore)
        return "done"

    @property
    def _request(self) -> StartRequest:
        return StartRequest(self.goal.goal_id, self.goal.user_id)

    def _number(self, name: str) -> int:
        return self.values[name]

    @property
    def _id(self) -> str:
        return self.ids[self._number("number")]

    def _actions(self, numbers: Sequence[int]) -> list[str]:
        return [self.goal.action_ids[number] for number in numbers]

    def _accepted(self, execution_id: str) -> str:
        return f"202 {self.ids.index(execution_id)}"
