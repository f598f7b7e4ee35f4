"""What numbers mean for the daily and weekly check-lists: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.settings import AlarmSettings, Settings
from ops.maintenance.checklist import Item, item, not_asked
from ops.trace.wording import duration, plural
from ops.tune.metrics import Values

_SILENT = "CloudWatch did not answer: python -m ops preflight shows what the profile may not read"
_MEMORY_SHARE = 90
"""Percent of its memory from which a function may be killed by the next larger input."""


@dataclass(frozen=True)
class Function:
    """A function over a span: counts, p95 of its duration and its time-out in milliseconds.

    used_mb: the most memory that an invocation used; None where it is not measured.
    """

    name: str
    invocations: float
    errors: float
    throttles: float
    p95_ms: float
    timeout_ms: float
    memory_mb: int
    used_mb: int | None


def logs(errors: Mapping[str, int], before: Mapping[str, int], days: int) -> Item:
    """Lines of level ERROR by source, against the time before."""
    facts = [
        f"{source}: {plural(errors.get(source, 0), 'error line')}, before {before.get(source, 0)}"
        for source in sorted({*errors, *before})
    ]
    attention = [
        f"{source}: python -m ops logs {source} --level ERROR --since {days}d"
        for source, count in errors.items()
        if count
    ]
    return item("logs", facts or ["no error line in any log"], attention)


def error_rate(ended: Values | None, functions: Sequence[Function], alarms: AlarmSettings) -> Item:
    """Executions that failed or timed out, and functions' errors, against the alarms' shares."""
    if ended is None:
        return not_asked("error rate", _SILENT)
    started = ended["started"] or 0
    facts = [f"executions: {started:g} started"]
    attention = list[str]()
    for name, limit in (("failed", alarms.failure_rate), ("timed out", alarms.timeout_rate)):
        share = _share(ended[name] or 0, started)
        facts.append(f"{name}: {ended[name] or 0:g} ({share:.1f} %, at most {limit:g} %)")
        if share > limit:
            attention.append(f"{share:.1f} % of the executions {name}: python -m ops doctor")
    for each in functions:
        share = _share(each.errors, each.invocations)
        if share > alarms.lambda_error_rate:
            attention.append(
                f"{each.name}: {share:.1f} % of {each.invocations:g} invocations failed, at most"
                f" {alarms.lambda_error_rate:g} %: python -m ops logs {each.name} --level ERROR"
            )
    return item("error rate", facts, attention)


def execution_time(now: Values | None, before: Values | None, settings: Settings) -> Item:
    """The executions' p95 against the alarm, the time-out and the time before; milliseconds."""
    if now is None:
        return not_asked("execution time", _SILENT)
    p95 = now["p95"]
    if p95 is None:
        return item("execution time", ["no execution ended"])
    limit = settings.alarms.execution_time
    facts = [
        f"p95 {duration(p95 / 1000)}, longest {duration((now['max'] or 0) / 1000)}, at most"
        f" {duration(limit)} of {duration(settings.workflow_timeout)}"
    ]
    earlier = before["p95"] if before else None
    if earlier:
        facts.append(f"before: p95 {duration(earlier / 1000)} ({_trend(p95, earlier)})")
    attention = ["slower than the alarm allows: python -m ops tune"] if p95 > limit * 1000 else []
    return item("execution time", facts, attention)


def metrics(now: Values | None, before: Values | None, limits: Mapping[str, float]) -> Item:
    """The guide's tables of metrics, this week and the week before.

    limits: metric -> the most that needs nobody; a metric without one is only reported.
    """
    if now is None:
        return not_asked("metrics", _SILENT)
    facts = list[str]()
    for name, value in now.items():
        earlier = (before or {}).get(name)
        trend = f" ({_trend(value or 0, earlier)})" if earlier else ""
        held = "no sample" if value is None else f"{value:g}"
        facts.append(f"{name}: {held}{trend}")
    attention = [
        f"{name}: {now[name]:g}, at most {limit:g}: python -m ops tune"
        for name, limit in limits.items()
        if (now.get(name) or 0) > limit
    ]
    return item("metrics", facts, attention)


def performance(functions: Sequence[Function], share: float) -> Item:
    """Each function's p95 and memory against its limits; `share`: percent of the time-out."""
    facts, attention = list[str](), list[str]()
    for each in functions:
        if not each.invocations:
            continue
        memory = f", {each.used_mb} of {each.memory_mb} MB" if each.used_mb else ""
        facts.append(
            f"{each.name}: p95 {duration(each.p95_ms / 1000)} of"
            f" {duration(each.timeout_ms / 1000)}{memory}"
        )
        if each.p95_ms > each.timeout_ms * share / 100:
            attention.append(f"{each.name} is near its time-out: python -m ops tune")
        if each.throttles:
            attention.append(f"{each.name}: {each.throttles:g} throttles: python -m ops tune")
        if each.used_mb and 100 * each.used_mb > _MEMORY_SHARE * each.memory_mb:
            attention.append(
                f"{each.name} used {each.used_mb} of {each.memory_mb} MB:"
                f" python -m ops tune memory {each.name}"
            )
    return item("performance", facts or ["no function was invoked"], attention)


def alarm_states(states: Mapping[str, str], fired: Mapping[str, int], off: Sequence[str]) -> Item:
    """Alarms that are on, that fired in the span (name -> how often), and whose actions are off."""
    on = [name for name, state in states.items() if state == "ALARM"]
    facts = [f"{plural(len(states), 'alarm')}, {len(on)} on, {sum(fired.values())} times fired"]
    facts += [f"{name} fired {count} times" for name, count in fired.items()]
    attention = [f"{name} is on: docs/runbook.md" for name in on]
    attention += [f"{name} calls nobody: its actions are off" for name in off]
    return item("alarms", facts, attention)


def _share(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def _trend(value: float, before: float) -> str:
    return f"{100 * (value - before) / before:+.0f} %"
