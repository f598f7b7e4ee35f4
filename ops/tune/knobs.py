"""Which of the guide's knobs to turn, and why: pure functions from readings and settings.

The guide's page and this machine differ in one knob: concurrency is how many model calls are in
flight. Less of it (3 -> 2, 8 -> 6) helps where the model or Lambda throttles. Against slowness the
guide's 3 -> 2 is reversed here: fewer calls at once end later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from components.settings import Settings
from handlers.contract.errors import ErrorCode
from handlers.contract.functions import WORKFLOW_SAVE_BATCH

BATCH, BATCHES_AT_ONCE, ACTIONS_AT_ONCE = 6, 2, 6
RUN_SECONDS, CALL_SECONDS = 1200, 180
CAPACITY, ATTEMPTS, WAIT_SECONDS = 10, 5, 5
MEMORY_MB, WARM = 2048, 5
"""The guide's values: 8 -> 6, 3 -> 2, 8 -> 6; 900 -> 1,200 s, 120 -> 180 s; 10 / 10, 3 -> 5 times,
2 -> 5 s; 1,024 -> 2,048 MB, 5 provisioned."""

NEAR = 80
"""Percent of a limit from which it is near: the share at which the alarms fire (timeoutShare)."""

MANY_FAIL = 10
"""Percent of the actions (the guide's failure rate)."""

COLD = 5
"""Percent of the invocations: fewer cold starts are no reason to pay for warm functions."""

_MODEL_BUSY = (ErrorCode.MODEL_THROTTLED, ErrorCode.MODEL_QUOTA_USED_UP)
_PASSING = (ErrorCode.MODEL_UNAVAILABLE, ErrorCode.FUNCTION_FAILED, ErrorCode.SAVE_FAILED)


@dataclass(frozen=True)
class Readings:
    """What was measured over a span.

    timed_out: executions. actions: that ended for good; failures: error code -> how many of them.
    generation_p95_ms, save_p95_ms: durations. generation_timeouts: of task-generation
    and of its calls of the model.
    lambda_throttles: of task-generation. peak_concurrency: of the account, against its quota.
    used_mb: the most memory of task-generation, None where it is not measured.
    invocations, cold_starts: of task-generation. table_throttles: reads and writes.
    None: CloudWatch held no sample, or did not answer.
    """

    timed_out: int
    actions: int
    failures: Mapping[str, int]
    generation_p95_ms: float | None
    save_p95_ms: float | None
    generation_timeouts: int
    lambda_throttles: float | None
    peak_concurrency: float | None
    quota: int
    used_mb: int | None
    invocations: int
    cold_starts: int
    table_throttles: float | None


@dataclass(frozen=True)
class Knob:
    """One of the guide's knobs.

    guide: the guide's step. path: of our setting. then: None where it should stay as it is.
    why: the evidence. commands: what turns it; nothing was changed.
    """

    guide: str
    path: str
    now: str
    then: str | None
    why: str
    commands: tuple[str, ...]


def knobs(read: Readings, settings: Settings) -> list[Knob]:
    """All of the guide's knobs, in its order."""
    busy = sum(read.failures.get(code, 0) for code in _MODEL_BUSY)
    return [
        _batch(read, settings),
        _batches_at_once(settings, busy, read),
        _actions_at_once(read, settings),
        _run_timeout(read, settings),
        _call_timeout(read, settings),
        _memory(read, settings),
        _warm(read, settings),
        *_table(read, settings),
        *_retry(read, settings),
    ]


def _batch(read: Readings, settings: Settings) -> Knob:
    limit = WORKFLOW_SAVE_BATCH.timeout_seconds * 1000
    turn = _is_near(read.save_p95_ms, limit) and settings.batch_size > BATCH
    saves = "not measured" if read.save_p95_ms is None else f"p95 {read.save_p95_ms / 1000:.1f} s"
    why = (
        f"a save takes {saves} of {limit // 1000} s; it is one transaction, and its size makes"
        " nothing else faster"
    )
    return _knob(
        settings, "8 -> 6", "batchSize", (settings.batch_size, BATCH if turn else None), why
    )


def _batches_at_once(settings: Settings, busy: int, read: Readings) -> Knob:
    now = settings.max_batch_concurrency
    turn = busy > 0 and now > BATCHES_AT_ONCE
    why = f"the model throttled {busy} actions for good"
    if not busy:
        late = read.timed_out or read.failures.get(ErrorCode.DEADLINE, 0)
        why += ": fewer calls at once would only be slower (the guide's 3 -> 2 is reversed here)"
        why += "; against slowness raise it" if late else ""
    then = BATCHES_AT_ONCE if turn else None
    return _knob(settings, "3 -> 2", "maxBatchConcurrency", (now, then), why)


def _actions_at_once(read: Readings, settings: Settings) -> Knob:
    now, throttles = settings.max_action_concurrency, read.lambda_throttles
    near = _is_near(read.peak_concurrency, read.quota)
    turn = (bool(throttles) or near) and now > ACTIONS_AT_ONCE
    why = (
        f"Lambda throttled task-generation {_shown(throttles)} times; the account's peak is"
        f" {_shown(read.peak_concurrency)} of {read.quota} at once"
    )
    then = ACTIONS_AT_ONCE if turn else None
    return _knob(settings, "8 -> 6", "maxActionConcurrency", (now, then), why)


def _run_timeout(read: Readings, settings: Settings) -> Knob:
    late, now = read.failures.get(ErrorCode.DEADLINE, 0), settings.workflow_timeout
    turn = (read.timed_out > 0 or late > 0) and now < RUN_SECONDS
    why = f"{read.timed_out} executions timed out, {late} actions ended with DEADLINE"
    then = RUN_SECONDS if turn else None
    return _knob(settings, "900 -> 1,200 s", "workflowTimeout", (now, then), why)


def _call_timeout(read: Readings, settings: Settings) -> Knob:
    now = settings.generation.timeout
    near = _is_near(read.generation_p95_ms, now * 1000)
    turn = (read.generation_timeouts > 0 or near) and now < CALL_SECONDS
    p95 = read.generation_p95_ms
    taken = "not measured" if p95 is None else f"p95 {p95 / 1000:.1f} s"
    why = f"{read.generation_timeouts} time-outs of function and model; {taken} of {now} s"
    then = CALL_SECONDS if turn else None
    return _knob(settings, "120 -> 180 s", "generation.timeout", (now, then), why)


def _memory(read: Readings, settings: Settings) -> Knob:
    now = settings.generation.memory
    turn = _is_near(read.used_mb, now) and now < MEMORY_MB
    used = "not measured here" if read.used_mb is None else f"{read.used_mb} MB"
    why = f"task-generation used {used} of {now} MB; it waits for the model, so speed is no reason"
    then = MEMORY_MB if turn else None
    return _knob(settings, "1,024 -> 2,048 MB", "generation.memory", (now, then), why)


def _warm(read: Readings, settings: Settings) -> Knob:
    now = settings.generation.provisioned_concurrency
    share = 100 * read.cold_starts / read.invocations if read.invocations else 0.0
    turn = share > COLD and now < WARM
    why = f"{read.cold_starts} of {read.invocations} invocations were cold starts ({share:.0f} %)"
    then = WARM if turn else None
    return _knob(settings, "0 -> 5", "generation.provisionedConcurrency", (now, then), why)


def _table(read: Readings, settings: Settings) -> list[Knob]:
    table, throttles = settings.table, read.table_throttles
    turn = bool(throttles) and table.billing == "provisioned"
    why = f"{_shown(throttles)} reads and writes were throttled"
    if throttles and not turn:
        why += "; on demand already, it doubles within minutes by itself"
    capacity = f"{why}, in place of on-demand"
    found = [
        _knob(
            settings,
            "on-demand",
            "table.billing",
            (table.billing, "onDemand" if turn else None),
            why,
        )
    ]
    for name, now in (("read", table.read), ("write", table.write)):
        then = CAPACITY if turn and now < CAPACITY else None
        found.append(_knob(settings, "or 10 / 10", f"table.{name}", (now, then), capacity))
    return found


def _retry(read: Readings, settings: Settings) -> list[Knob]:
    passing = sum(read.failures.get(code, 0) for code in _PASSING)
    share = 100 * passing / read.actions if read.actions else 0.0
    retry, many = settings.retry, share > MANY_FAIL
    why = f"{passing} of {read.actions} actions ended with an error that passes ({share:.0f} %)"
    found = list[Knob]()
    for guide, path, now, then in (
        ("3 -> 5", "retry.maxAttempts", retry.max_attempts, ATTEMPTS),
        ("2 -> 5 s", "retry.intervalSeconds", retry.interval_seconds, WAIT_SECONDS),
    ):
        change = (now, then if many and now < then else None)
        found.append(_knob(settings, guide, path, change, why))
    return found


def _knob(
    settings: Settings, guide: str, path: str, change: tuple[object, object | None], why: str
) -> Knob:
    stack, (now, then) = settings.environment, change
    commands = (
        (
            f"pulumi config set --stack {stack} --path goal-mandala:{path} {then}",
            f"pulumi up --stack {stack}",
        )
        if then is not None
        else ()
    )
    return Knob(guide, path, str(now), None if then is None else str(then), why, commands)


def _is_near(value: float | None, limit: float) -> bool:
    return value is not None and value > limit * NEAR / 100


def _shown(value: float | None) -> str:
    return "(not measured)" if value is None else f"{value:g}"
