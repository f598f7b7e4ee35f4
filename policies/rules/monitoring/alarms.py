"""The workflow's alarms are those that are expected: metrics, cases, threshold, time."""

import fnmatch
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.conventions import WORKFLOW
from policies.policy import stack_policy
from policies.rules.alarms.queries import wrong_queries
from policies.rules.expected.entries import entry_of
from policies.rules.monitoring.alarm_model import Bounds, ExpectedAlarm
from policies.rules.monitoring.alarms_of_executions import OF_EXECUTIONS
from policies.rules.monitoring.alarms_of_resources import OF_RESOURCES
from policies.rules.monitoring.conditions import Facts, Found
from policies.rules.monitoring.facts import capacity, configured, floor, in_unit
from policies.rules.monitoring.trial import Trial, trial_of
from policies.stack import resource_types
from policies.stack.metric_math import ExpressionError
from policies.stack.metric_values import UnsupportedError
from policies.stack.metrics import metrics_of
from policies.stack.resource_graph import Resource, ResourceGraph

EXPECTED_ALARMS = (*OF_EXECUTIONS, *OF_RESOURCES)
_FORMS = tuple(
    (re.compile(re.escape(each.key).replace(r"\{function\}", "(?P<function>.+)")), each)
    for each in EXPECTED_ALARMS
)


_OF_ALL_FUNCTIONS = "functions-throttled"


@dataclass(frozen=True)
class Named:
    """A declared alarm that is expected; function: which it is about, if about one."""

    alarm: Resource
    expected: ExpectedAlarm
    function: str | None

    def resolved(self, pattern: str) -> str:
        """A pattern with the names of stack and function."""
        return pattern.format(stack=self.alarm.stack, function=self.function)


@stack_policy(
    "monitoring-alarms-as-expected",
    risk="An outage calls nobody, or a good day calls somebody: an alarm of a known name judges"
    " something else than people think.",
    fix="Declare the alarm as components/monitoring does. Change a threshold, a period or a floor"
    " by the stack's setting goal-mandala:alarms; a new meaning of the alarm also goes into"
    " rules/monitoring/alarms_of_*.py.",
    source="guide: CloudWatch アラーム, よくある問題; design: Settings, alarms",
)
def alarms_as_expected(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Each alarm of the guide reads its metrics, fires in its cases only, and soon enough."""
    settings = configured(graph)
    for named in expected_alarms(graph):
        for message in _faults(graph, named, settings):
            yield named.alarm, message


@stack_policy(
    "monitoring-no-alarm-missing",
    risk="What the guide wants to be watched fails unnoticed.",
    fix="Declare the alarm again, under its name: composites, runbook and dashboard use it.",
    source="guide: CloudWatch アラーム, よくある問題",
)
def no_alarm_missing(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every alarm that a workflow stack always has is declared."""
    machine = next(graph.of(resource_types.MACHINE), None)
    if machine is None or machine.project != WORKFLOW:
        return
    found = {named.expected.key for named in expected_alarms(graph)}
    for expected in EXPECTED_ALARMS:
        if expected.always and expected.key not in found:
            yield machine, f"there is no alarm {prefix(machine)}{expected.key}"
    watched = {
        metric.dimensions.get("FunctionName")
        for named in expected_alarms(graph)
        if named.expected.key == _OF_ALL_FUNCTIONS
        for metric in metrics_of(named.alarm)
    }
    for function in graph.of(resource_types.FUNCTION):
        name = function.read("name")
        if entry_of(name, function.project, function.stack) and name not in watched:
            yield function, f"no alarm {prefix(machine)}{_OF_ALL_FUNCTIONS} reads its throttles"


def prefix(resource: Resource) -> str:
    """Of the names of a stack's alarms and functions."""
    return f"{WORKFLOW}-{resource.stack}-"


def expected_alarms(graph: ResourceGraph) -> Iterator[Named]:
    """The declared alarms of the workflow that are expected by their name."""
    for alarm in graph.of(resource_types.ALARM):
        name = str(alarm.read("name"))
        if alarm.project != WORKFLOW or not name.startswith(prefix(alarm)):
            continue
        # an alarm has 10 metrics at most, so a long list of functions needs a second one
        key = re.sub(r"-\d+$", "", name.removeprefix(prefix(alarm)))
        for form, expected in _FORMS:
            if match := form.fullmatch(key):
                yield Named(alarm, expected, match.groupdict().get("function"))


def _faults(graph: ResourceGraph, named: Named, settings: Mapping[str, float]) -> Iterator[str]:
    alarm, expected = named.alarm, named.expected
    if any(wrong_queries(alarm)):
        return  # alarm-evaluation reports them
    yield from _wrong_window(named, settings)
    if alarm.read("treatMissingData") != expected.missing:
        yield f"treatMissingData is {alarm.read('treatMissingData')}, not {expected.missing}"
    threshold = alarm.read("threshold")
    if not isinstance(threshold, int | float):
        yield f"its threshold is {threshold}, a number is needed"
        return
    yield from _wrong_threshold(graph, named, settings, threshold)
    trial = trial_of(alarm)
    read = [*trial.labels.values()]
    found = {
        pattern: [each for each in read if fnmatch.fnmatchcase(each, named.resolved(pattern))]
        for pattern in expected.condition.patterns
    }
    wrong = [*_wrong_metrics(named, read, found)]
    facts = Facts(threshold, floor(settings), capacity(graph, alarm))
    yield from wrong or _wrong_cases(trial, named.expected, found, facts)


def _wrong_window(named: Named, settings: Mapping[str, float]) -> Iterator[str]:
    alarm, over = named.alarm, named.expected.over
    seconds = {each.period for each in metrics_of(alarm)}
    if len(seconds) != 1:
        shown = ", ".join(f"{each:g}" for each in sorted(seconds))
        yield f"its metrics have periods of {shown} s: counts of different times make no rate"
    periods = float(alarm.read("evaluationPeriods") or 0)
    points = float(alarm.read("datapointsToAlarm") or periods)
    most = math.inf
    for name, bounds, values in (
        ("period", over.period, seconds),
        ("evaluationPeriods", over.periods, {periods}),
        ("datapointsToAlarm", over.points, {points}),
    ):
        most = periods if name == "datapointsToAlarm" else most
        for value in values:
            if not _accepts(bounds, settings, value, most):
                yield f"{name} is {value:g}, it has to be {_words(bounds, settings)}"


def _wrong_threshold(
    graph: ResourceGraph, named: Named, settings: Mapping[str, float], threshold: float
) -> Iterator[str]:
    name = named.function and f"{prefix(named.alarm)}{named.function}"
    function = graph.named(resource_types.FUNCTION, name) if name else None
    allowed: list[str] = []
    for limit in named.expected.limits:
        value = in_unit(graph, limit.unit, function, threshold)
        if value is None or _accepts(limit.bounds, settings, value):
            return
        allowed.append(f"{_words(limit.bounds, settings)}, in {limit.unit}, and is {value:g}")
    yield f"its threshold is {threshold:g}: it has to be {'; or '.join(allowed)}"


def _wrong_metrics(named: Named, read: list[str], found: Found) -> Iterator[str]:
    for pattern, matching in found.items():
        if not matching:
            yield f"it does not read {named.resolved(pattern)}"
    known = {each for matching in found.values() for each in matching}
    for each in sorted(set(read)):
        if each not in known:
            yield f"it reads {each}, which is not what it is about"
        elif read.count(each) > 1:
            yield f"it reads {each} {read.count(each)} times, and so lacks another"


def _wrong_cases(
    trial: Trial, expected: ExpectedAlarm, found: Found, facts: Facts
) -> Iterator[str]:
    for case in expected.condition.cases(found, facts):
        try:
            does = trial.fires(case.given)
        except (ExpressionError, UnsupportedError) as error:
            yield f"its expression cannot be tried: {error}"
            return
        if does != case.fires:
            yield f"it {'does not fire' if case.fires else 'fires'} though {case.words}"
            return


def _accepts(
    bounds: Bounds, settings: Mapping[str, float], value: float, most: float = math.inf
) -> bool:
    set_to = settings.get(bounds.setting or "")
    return bounds.low <= value <= bounds.high or (
        set_to is not None and math.isclose(value, min(set_to, most))
    )


def _words(bounds: Bounds, settings: Mapping[str, float]) -> str:
    words = f"{bounds.low:g} to {bounds.high:g}" if bounds.low < bounds.high else f"{bounds.low:g}"
    set_to = settings.get(bounds.setting or "")
    if set_to is not None:
        return f"{words} or {set_to:g} (setting {bounds.setting})"
    return f"{words} (or the setting {bounds.setting})" if bounds.setting else words
