"""What of this process the simulation replaces: clocks, randomness, boto3, and telemetry.

Everything else runs as it is deployed. The stand-ins lead to the world that is simulated at the
moment; a process simulates one at a time.
"""

import importlib
import os
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from greenlet import getcurrent

from chaos.simulation.model import MODEL_ID
from chaos.simulation.postgres.database import Database
from chaos.simulation.scheduler import EPOCH, Condition, Killed, Process, current
from chaos.simulation.step_functions import ALIAS_ARN
from handlers.api.application import Application
from handlers.contract.environment import Env, env
from handlers.contract.functions import FUNCTIONS
from handlers.executions import notifications, state_machine
from handlers.generation import wiring
from handlers.generation.model import ModelReply
from handlers.generation.race import EndedCall
from handlers.generation.time_budget import TimeBudget
from handlers.observability.telemetry import Telemetry
from handlers.runtime import clients as made
from handlers.storage import stores, table
from localcloud.aws.executions import history, scheduling, tasks
from localcloud.aws.executions.asl import expressions
from localcloud.aws.ministack import Json, responses, states

if TYPE_CHECKING:
    from chaos.simulation.world import World

BATCH_SIZE = 2

_VARIABLES = {
    Env.ENVIRONMENT: "local",
    Env.TABLE_NAME: "WorkflowExecution-test",
    Env.TTL_DAYS: "90",
    Env.DATABASE_URL_SECRET_ARN: "secret",
    Env.STATE_MACHINE_ARN: ALIAS_ARN,
    Env.TRACED_PERCENT: "0",
    Env.BATCH_SIZE: str(BATCH_SIZE),
    Env.NOTIFICATIONS_TOPIC_ARN: "topic",
    Env.BEDROCK_MODEL: MODEL_ID,
    Env.MODEL_CALL_TIMEOUT_SECONDS: "30",
    Env.JWT_SECRET_ARN: "secret",
}

_PATH = re.compile(r"\$states\.(input|context)((?:\.\w+)+)")

_present: list["World"] = []


def world() -> "World":
    """The world that is simulated at the moment."""
    return _present[-1]


def enter(new: "World") -> None:
    """Simulate this world from now on."""
    _install()
    _present[:] = [new]
    vars(env)[Env.WORKFLOW_TIMEOUT_SECONDS.name] = new.timeout_seconds
    vars(env)[Env.HEDGE_AFTER_SECONDS.name] = new.hedge_after_seconds
    wiring.worker.cache_clear()
    let_wait(new.budgets[0])
    _replace("handlers.storage.turns", "READ_ITEMS", new.tickets_read)


def let_wait(tokens_per_minute: int) -> None:
    """Deploy the functions with this budget, which executions wait for; 0: they do not wait."""
    vars(env)[Env.MODEL_BUDGET_PER_MINUTE.name] = tokens_per_minute


@lru_cache(maxsize=1)
def _install() -> None:
    os.environ.update({variable.name: value for variable, value in _VARIABLES.items()})
    vars(env).clear()
    _clocks()
    _clients()
    _telemetry()
    _interpreter()


def _random_bits(count: int) -> int:
    return world().random_bits(count)


def _nothing(*_: object, **__: object) -> None:
    """Does nothing."""


def _replace(path: str, name: str, stand_in: Any) -> None:
    setattr(importlib.import_module(path), name, stand_in)


def epoch_seconds() -> float:
    """The time, as the running function's clock shows it."""
    process = getcurrent()
    invocation = process.invocation if isinstance(process, Process) else None
    return EPOCH + world().scheduler.now + (invocation.skew if invocation else 0)


def _clocks() -> None:
    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(epoch_seconds(), tz)

    _replace("handlers.contract.clock", "datetime", Datetime)
    nanoseconds = SimpleNamespace(time_ns=lambda: int(epoch_seconds() * 1e9))
    _replace("handlers.contract.ids", "time", nanoseconds)
    bits = SimpleNamespace(randbits=_random_bits)
    _replace("handlers.contract.ids", "secrets", bits)
    monotonic = SimpleNamespace(monotonic=lambda: world().scheduler.now)
    _replace("handlers.generation.worker", "time", monotonic)
    _replace("handlers.generation.model", "time", monotonic)
    _replace("handlers.task_generation", "TimeBudget", partial(TimeBudget, now=epoch_seconds))


class _Client:
    """A client that leads to the present world's."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(world().client(self._service), name)


def _client(service: str, **_: object) -> _Client:
    return _Client(service)


def _database(*_: object, **__: object) -> Database:
    return Database(lambda: world().server)


def _clients() -> None:
    _replace("handlers.runtime.clients", "boto3", SimpleNamespace(client=_client))
    _replace("handlers.storage.stores", "Database", _database)
    _replace("handlers.generation.calls", "CallThreads", _CallsInFlight)
    for once in (
        *(made.client, stores.stores, state_machine.state_machine, table.table, wiring.worker),
        *(state_machine.startable_state_machine, notifications.notifications_topic),
    ):
        once.cache_clear()


class _CallsInFlight:
    """CallThreads, with processes for threads: a sandbox dies whole, whichever of them crashes."""

    def __init__(self, ask: Callable[[], ModelReply], _: Telemetry) -> None:
        self._ask, self._caller = ask, current()
        self._ended: list[EndedCall] = []
        self._has_ended = Condition(world().scheduler)

    def start(self, number: int) -> None:
        """Begin a call."""

        def call() -> None:
            try:
                outcome: ModelReply | Exception = self._ask()
            except Killed:
                world().scheduler.kill(self._caller)
                return
            except Exception as error:
                outcome = error
            self._ended.append(EndedCall(number, outcome))
            self._has_ended.notify_all()

        world().scheduler.start(call, invocation=self._caller.invocation)

    def next_ended(self, seconds: float | None) -> EndedCall | None:
        """The next call that ends in this time."""
        has_ended = self._has_ended.wait_for(lambda: bool(self._ended), seconds)
        return self._ended.pop(0) if has_ended else None


class _Logger:
    """Notes what is logged, for the invariant that no user's text is."""

    def _log(self, message: str, **values: object) -> None:
        world().logged(f"{message} {values}")

    debug = info = warning = error = exception = _log

    def append_keys(self, **values: object) -> None:
        world().logged(str(values))


def _present_event(_: Application) -> Json:
    return current().invocation.event


def _telemetry() -> None:
    _replace("handlers.observability.emit_metrics", "_write", _nothing)
    Telemetry.identify = Telemetry.note_call = _nothing
    # one process has many sandboxes here: each has its own request
    setattr(Application, "event", property(_present_event))  # noqa: B010 - it has no setter
    for function in FUNCTIONS:
        importlib.import_module(f"handlers.{function.module}").telemetry.logger = _Logger()


def _shortened(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Looks a plain path up by itself, which takes a tenth of the engine's time."""

    def value(expression: str, location: str, scope: expressions.QueryScope) -> Any:
        if (path := _PATH.fullmatch(expression)) is None:
            return evaluate(expression, location, scope)
        found: Any = scope.given if path[1] == "input" else scope.frame.context
        for name in path[2].split(".")[1:]:
            found = cast("Json", found).get(name) if isinstance(found, dict) else None
        if found is None or isinstance(found, list | dict):
            return evaluate(expression, location, scope)
        return found

    return value


def _untraced(*_: object) -> "nullcontext[None]":
    return nullcontext()


def _interpreter() -> None:
    scheduling.use(scheduling.Scheduling(_start, _run_all, lambda: Condition(world().scheduler)))
    responses.now_iso = _now_iso
    _replace(history.__name__, "execution_logs", SimpleNamespace(write=_nothing))
    _replace(tasks.__name__, "traces", SimpleNamespace(task=_untraced))
    _replace(tasks.__name__, "permissions", SimpleNamespace(check=_nothing))
    _replace(tasks.__name__, "random", SimpleNamespace(uniform=_jitter))
    states._invoke_resource = _invoke
    # its limit is one of real time, which is none of the seed's
    _replace(expressions.__name__, "_EVALUATION_LIMIT_MILLISECONDS", 10**9)
    evaluate: Any = getattr(expressions, "_evaluate")  # noqa: B009
    _replace(expressions.__name__, "_evaluate", _shortened(evaluate))
    # each expression is parsed once: parsing takes ten times as long as evaluating
    parse: Any = getattr(expressions, "_parsed")  # noqa: B009 - another module's
    _replace(expressions.__name__, "_parsed", lru_cache(maxsize=None)(parse))


def _start(work: Callable[[], None]) -> None:
    world().scheduler.start(work)


def _run_all(works: Sequence[Callable[[], None]]) -> None:
    left = [len(works)]
    done = Condition(world().scheduler)

    def counted(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            work()
            left[0] -= 1
            done.notify_all()

        return run

    for work in works:
        world().scheduler.start(counted(work))
    done.wait_for(lambda: not left[0])


def _now_iso() -> str:
    at = datetime.fromtimestamp(EPOCH + world().scheduler.now, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _jitter(_: float, most: float) -> float:
    return most * world().jitter()


def _invoke(resource: str, arguments: Json) -> Any:
    return world().task(resource, arguments)
