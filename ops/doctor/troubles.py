"""From evidence to the guide's five troubles: pure functions.

Every remedy is one setting, as `pulumi config set` takes it, since the guide's own commands change
versions that nothing runs. What the guide's knobs do here: concurrency is how many model calls are
in flight, so less of it helps against throttling and more against slowness (the guide's 3 -> 2 is
for throttling only); the batch size is how much one transaction saves, and makes nothing faster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.settings import Settings
from handlers.contract.errors import ErrorCode

_LONGER_RUN = 1200
_LONGER_CALL = 180
_MORE_ATTEMPTS = 5
_LONGER_WAIT = 5
_CAPACITY = 10
_MANY_PERCENT = 10
"""The guide's numbers: 15 -> 20 minutes, 2 -> 3 minutes, 3 -> 5 times, 2 -> 5 s, 10 / 10, 10 %."""

_MODEL_BUSY = (ErrorCode.MODEL_THROTTLED, ErrorCode.MODEL_QUOTA_USED_UP)
_PASSING = (ErrorCode.MODEL_UNAVAILABLE, ErrorCode.FUNCTION_FAILED, ErrorCode.SAVE_FAILED)


NOT_STARTING = "a start gets 409"
RUN_TIMES_OUT = "an execution times out"
FUNCTION_TIMES_OUT = "a function times out"
TABLE_THROTTLES = "DynamoDB throttles"
MANY_FAIL = "many actions fail"
"""The guide's five troubles (よくある問題), in its order."""


@dataclass(frozen=True)
class Failed:
    """An execution that ended with failed actions and was not retried; error code -> actions."""

    execution_id: str
    goal_id: str
    failures: Mapping[str, int]


@dataclass(frozen=True)
class Evidence:
    """What happened in a span of time.

    ended: executions that ended. timed_out: of them, by the run's time-out.
    partial: of them, with some failed actions. stuck: goal id -> why it will not come free.
    failures: error code -> failed actions. actions: of the executions that failures are counted in.
    function_timeouts: function -> lines "Task timed out". model_timeouts: attempts that ended since
    the model gave no answer in time. throttles: None where CloudWatch did not answer. unreleased:
    goal id -> the ended execution that still holds it. overdue: goal id -> the execution that runs
    for longer than workflowTimeout. retryable: the newest first.
    """

    ended: int
    timed_out: int
    partial: int
    stuck: Mapping[str, str]
    failures: Mapping[str, int]
    actions: int
    function_timeouts: Mapping[str, int]
    model_timeouts: int
    throttles: float | None
    unreleased: Mapping[str, str] = field(default_factory=dict[str, str])
    overdue: Mapping[str, str] = field(default_factory=dict[str, str])
    retryable: Sequence[Failed] = ()


@dataclass(frozen=True)
class Setting:
    """A remedy: the path of a setting, and its value now and then."""

    path: str
    now: str
    then: str


@dataclass(frozen=True)
class Trouble:
    """found: None where the evidence could not be had. advice: what else to do, in sentences."""

    name: str
    found: bool | None
    evidence: str
    settings: list[Setting]
    advice: list[str]


def troubles(seen: Evidence, settings: Settings) -> list[Trouble]:
    """All five, in the guide's order."""
    return [
        _not_starting(seen),
        _run_times_out(seen, settings),
        _function_times_out(seen, settings),
        _table_throttles(seen, settings),
        _many_fail(seen, settings),
    ]


def _not_starting(seen: Evidence) -> Trouble:
    advice = [f"goal {goal}: {why}" for goal, why in seen.stuck.items()]
    advice += [
        f"goal {goal}: execution {execution} runs for longer than workflowTimeout: python -m ops"
        f' executions stop {execution} --cause "..."'
        for goal, execution in seen.overdue.items()
    ]
    held = len(seen.stuck) + len(seen.overdue)
    evidence = f"{held} goals are held by executions that will not end by themselves"
    return Trouble(NOT_STARTING, held > 0, evidence, [], advice)


def _run_times_out(seen: Evidence, settings: Settings) -> Trouble:
    late = seen.failures.get(ErrorCode.DEADLINE, 0)
    found = bool(seen.timed_out or late)
    busy = sum(seen.failures.get(code, 0) for code in _MODEL_BUSY)
    remedies = list[Setting]()
    advice = list[str]()
    if found and settings.workflow_timeout < _LONGER_RUN:
        remedies.append(_setting("workflowTimeout", settings.workflow_timeout, _LONGER_RUN))
    if found and busy:
        remedies.append(_less_at_once(settings))
    elif found:
        advice.append(
            "the model does not throttle: more calls at once end sooner, maxActionConcurrency"
            f" {settings.max_action_concurrency} (times maxBatchConcurrency at most 40)"
        )
    if found:
        advice.append("python -m ops executions retry EXECUTION generates what was cut off")
    evidence = f"{seen.timed_out} executions timed out, {late} actions ended with DEADLINE"
    return Trouble(RUN_TIMES_OUT, found, evidence, remedies, advice)


def _function_times_out(seen: Evidence, settings: Settings) -> Trouble:
    found = bool(seen.function_timeouts or seen.model_timeouts)
    # here the call of the model gives up first, before the function would die
    generation = seen.function_timeouts.get("task-generation", 0) + seen.model_timeouts
    remedies = list[Setting]()
    if generation and settings.generation.timeout < _LONGER_CALL:
        now = settings.generation.timeout
        remedies.append(_setting("generation.timeout", now, _LONGER_CALL))
    others = [name for name in seen.function_timeouts if name != "task-generation"]
    advice = [
        f"{name} waits for the database or the table, not for the model: python -m ops logs {name}"
        " --level WARNING"
        for name in others
    ]
    lines = ", ".join(f"{name} {count}" for name, count in seen.function_timeouts.items())
    evidence = f"time-outs: {lines or 'none'}; calls that the model did not answer in time:"
    shown = f"{evidence} {seen.model_timeouts}"
    return Trouble(FUNCTION_TIMES_OUT, found, shown, remedies, advice)


def _table_throttles(seen: Evidence, settings: Settings) -> Trouble:
    name = TABLE_THROTTLES
    if seen.throttles is None:
        return Trouble(name, None, "CloudWatch did not answer", [], [])
    found, table = seen.throttles > 0, settings.table
    remedies = list[Setting]()
    advice = list[str]()
    if found and table.billing == "provisioned":
        remedies.append(_setting("table.billing", table.billing, "onDemand"))
        advice.append(f"or more capacity: table.read and table.write, at least {_CAPACITY} each")
    elif found:
        advice.append(
            "the table is on demand already: it doubles by itself within minutes; if not, start"
            " fewer goals at once, or ask AWS for a higher table quota"
        )
    return Trouble(name, found, f"{seen.throttles:g} throttled reads and writes", remedies, advice)


def _many_fail(seen: Evidence, settings: Settings) -> Trouble:
    failed = sum(seen.failures.values())
    share = 100 * failed / seen.actions if seen.actions else 0.0
    found = share > _MANY_PERCENT
    codes = ", ".join(f"{code} {count}" for code, count in seen.failures.items()) or "none"
    evidence = (
        f"{seen.partial} of {seen.ended} executions ended partially; {failed} of {seen.actions}"
        f" actions in those that did not succeed failed ({codes})"
    )
    cures = [*_cures(seen, settings)] if found else []
    return Trouble(
        MANY_FAIL,
        found,
        evidence,
        [cure for cure in cures if isinstance(cure, Setting)],
        [cure for cure in cures if isinstance(cure, str)],
    )


def _cures(seen: Evidence, settings: Settings) -> Iterator[Setting | str]:
    if any(seen.failures.get(code) for code in _PASSING):
        retry = settings.retry
        if retry.max_attempts < _MORE_ATTEMPTS:
            yield _setting("retry.maxAttempts", retry.max_attempts, _MORE_ATTEMPTS)
        if retry.interval_seconds < _LONGER_WAIT:
            yield _setting("retry.intervalSeconds", retry.interval_seconds, _LONGER_WAIT)
    if any(seen.failures.get(code) for code in _MODEL_BUSY):
        yield _less_at_once(settings)
        yield "or ask AWS for more requests and tokens a minute (Service Quotas: Amazon Bedrock)"
    if seen.failures.get(ErrorCode.INVALID_ANSWER):
        yield "the prompt has to be better: python -m ops query errors-by-code shows what it breaks"
    if seen.failures.get(ErrorCode.CONTENT_FILTERED):
        yield "the model refuses these actions' contents: no setting and no retry helps"
    if seen.failures.get(ErrorCode.MODEL_REJECTED):
        yield "Bedrock rejects the request: model access and bedrockModel, python -m ops preflight"


def _less_at_once(settings: Settings) -> Setting:
    now = settings.max_batch_concurrency
    return _setting("maxBatchConcurrency", now, max(now - 1, 1))


def _setting(path: str, now: object, then: object) -> Setting:
    return Setting(path, str(now), str(then))
