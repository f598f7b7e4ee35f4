"""Alarms say what they mean: silent children, few that speak, true rates within AWS's limits."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from components.monitoring import functions
from components.monitoring.alarm_factory import Alarm
from components.monitoring.alarms import alarms, composite_alarms
from components.monitoring.metric_factory import MetricStat
from components.names import Names
from components.settings import Settings, parse
from declared.program import DeclaredResource
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.functions import FUNCTIONS
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, MetricName
from tests.components.conftest import Evaluate
from tests.components.monitoring.document import everything

NAMES, SETTINGS = everything()
ALARMS = alarms(NAMES, SETTINGS)
COMPOSITES = composite_alarms(NAMES, SETTINGS)
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def by_id(alarm: Alarm) -> str:
    return alarm.name


def declared(program: Any, type_: str) -> list[DeclaredResource]:
    return [each for each in program.resources if each.type == type_]


def test_names_are_unique_and_the_stacks_own() -> None:
    names = [each.name for each in (*ALARMS, *COMPOSITES)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("goal-mandala-prod-") and len(name) <= 255 for name in names)


@pytest.mark.parametrize("alarm", ALARMS, ids=by_id)
def test_an_alarm_is_within_what_cloudwatch_takes(alarm: Alarm) -> None:
    assert len(alarm.queries) <= 10
    assert alarm.period % 60 == 0
    assert 1 <= alarm.points <= alarm.periods
    # (CloudWatch API, PutMetricAlarm: a day in all, a week where the period is an hour or more)
    assert alarm.periods * alarm.period <= (604_800 if alarm.period >= 3600 else 86_400)
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_) for id_ in alarm.queries)


@pytest.mark.parametrize("alarm", ALARMS, ids=by_id)
def test_an_expression_uses_what_stands_before_it_and_nothing_stands_unused(alarm: Alarm) -> None:
    seen, used = set[str](), {alarm.compared}
    for id_, query in alarm.queries.items():
        if isinstance(query, str):
            ids = set(re.findall(r"\b[a-z][A-Za-z0-9_]*\b", query))
            assert ids <= seen, query
            used |= ids
        seen.add(id_)
    assert used == set(alarm.queries)


@pytest.mark.parametrize("alarm", ALARMS, ids=by_id)
def test_a_rate_has_a_floor_and_fills_what_sends_no_zeroes(alarm: Alarm) -> None:
    compared = alarm.queries[alarm.compared]
    if isinstance(compared, str) and alarm.unit == "%" and "Capacity" not in str(alarm.metrics):
        assert re.match(r"IF\(.* >=? \d+.*, 100 \* .*, 0\)$", compared), compared
        assert alarm.missing == "notBreaching"
    counts = {id_ for id_, each in alarm.queries.items() if _sum_beside_others(alarm, each)}
    text = " ".join(each for each in alarm.queries.values() if isinstance(each, str))
    assert {id_ for id_ in counts if f"FILL({id_}, 0)" not in text} <= {"calls"}


def _sum_beside_others(alarm: Alarm, query: MetricStat | str) -> bool:
    return len(alarm.queries) > 1 and isinstance(query, MetricStat) and query.statistic == "Sum"


@pytest.mark.parametrize("alarm", ALARMS, ids=by_id)
def test_a_metric_of_ours_exists_by_its_dimensions(alarm: Alarm) -> None:
    for measure in alarm.metrics:
        if measure.namespace == NAMESPACE:
            first, *more = measure.dimensions
            assert first == ("environment", "prod")
            assert [name for name, _ in more] in (
                [],
                [SECOND_DIMENSION.get(MetricName(measure.name))],
            )


def test_every_silent_alarm_has_one_composite_that_names_it_and_those_that_act_have_none() -> None:
    named = Counter(name for each in COMPOSITES for name in re.findall(r'"([^"]+)"', each.rule))
    assert named.pop("goal-mandala-prod-outage") >= 1  # what others are quiet, or speak, beside
    assert named == {each.name: 1 for each in ALARMS if each.alarm_route is not AlarmRoute.SELF}


def test_what_waits_for_a_person_is_apart_from_what_passes_by_itself() -> None:
    outage = next(each for each in COMPOSITES if each.key == AlarmRoute.OUTAGE)
    assert "dead-letters" not in outage.rule
    assert "cost" not in outage.rule


def test_an_outage_is_told_when_it_comes_and_when_it_ends_and_a_notice_calls_nobody() -> None:
    told = {each.key: (each.alarm_topic, each.ok_topic) for each in COMPOSITES}
    assert told == {
        "outage": ("workflow-alerts-prod", "workflow-alerts-prod"),
        "escalation": ("workflow-alerts-prod", None),
        "undelivered": ("workflow-alerts-prod", None),
        "notices": ("workflow-notifications-prod", None),
        "chores": ("workflow-notifications-prod", None),
    }
    quiet = [each for each in COMPOSITES if each.key in (AlarmRoute.NOTICES, AlarmRoute.CHORES)]
    beside = ') AND NOT ALARM("goal-mandala-prod-outage")'
    assert all(each.rule.endswith(beside) for each in quiet)
    # what stays on for days must not speak for anything that comes and goes
    notices = next(each for each in COMPOSITES if each.key == AlarmRoute.NOTICES)
    assert "dead-letters" not in notices.rule


def test_every_function_has_its_alarms_against_its_own_time_out() -> None:
    thresholds = {each.key: each.threshold for each in ALARMS}
    for spec in FUNCTIONS:
        assert thresholds[f"lambda-error-rate-high-{spec.name}"] == 5
        near = thresholds[f"lambda-near-timeout-{spec.name}"]
        assert near == pytest.approx(0.8 * spec.timeout_seconds * 1000)
        can_be_long = spec.timeout_seconds > 30
        assert (f"lambda-duration-high-{spec.name}" in thresholds) == can_be_long


def test_an_escalation_is_the_same_condition_over_a_longer_time() -> None:
    pages = {each.key: each for each in ALARMS if each.alarm_route is AlarmRoute.OUTAGE}
    escalations = [each for each in ALARMS if each.alarm_route is AlarmRoute.ESCALATION]
    assert escalations
    for each in escalations:
        page = pages[each.key]
        assert (each.queries, each.threshold) == (page.queries, page.threshold)
        assert each.points * each.period > page.points * page.period
        assert each.periods * each.period >= SETTINGS.alarms.escalation


def test_capacity_is_watched_only_where_there_is_one(names: Names, settings: Settings) -> None:
    on_demand = {each.key for each in alarms(names, settings)}
    assert {each.key for each in ALARMS} - on_demand == {
        "table-read-capacity-high",
        "table-write-capacity-high",
        "lambda-concurrency-high-task-generation",
    }


def test_thresholds_periods_and_points_are_settings(configured: dict[str, str]) -> None:
    chosen = '{"failureRate": 25, "minimumRuns": 3, "period": 600, "runbook": "https://wiki/run"}'
    settings = parse({**configured, "alarms": chosen}, {})
    found = {each.key: each for each in reversed(alarms(NAMES, settings))}
    rate = found["workflow-failure-rate-high"]
    assert rate.threshold == 25
    assert found["workflow-reconcile-lag-high"].period == 600
    assert "ended >= 3" in str(rate.queries["rate"])
    description = rate.words.description(settings.alarms.runbook, rate.anchor)
    assert description.endswith("https://wiki/run#workflow-failure-rate-high")


def test_more_functions_than_an_alarm_has_metrics_are_watched_by_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = tuple(replace(FUNCTIONS[0], name=f"function-{number}") for number in range(12))
    monkeypatch.setattr(functions, "FUNCTIONS", many)
    throttled = [each for each in alarms(NAMES, SETTINGS) if each.anchor == "functions-throttled"]
    assert [len(each.metrics) for each in throttled] == [9, 3]
    assert len({each.name for each in throttled}) == 2


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_alarms_are_declared_as_the_data_says(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    topics = "arn:aws:sns:ap-northeast-1:123456789012:workflow-"
    metric_alarms = declared(program, METRIC_ALARM)
    acting = [each for each in metric_alarms if each.inputs.get("alarmActions")]
    assert [each.inputs["name"] for each in acting] == [f"goal-mandala-{stack}-model-cost-high"]
    for each in metric_alarms:
        returned = [query["id"] for query in each.inputs["metricQueries"] if query["returnData"]]
        assert returned == [each.inputs["metricQueries"][-1]["id"]]
    composites = {each.inputs["alarmName"]: each for each in declared(program, COMPOSITE_ALARM)}
    outage = composites[f"goal-mandala-{stack}-outage"]
    assert outage.inputs["alarmActions"] == [f"{topics}alerts-{stack}"]
    assert outage.inputs["okActions"] == [f"{topics}alerts-{stack}"]
    children = {each.urn for each in metric_alarms}
    assert children <= outage.dependencies


def test_the_apis_alarm_watches_the_api_that_was_made(deployed: Evaluate) -> None:
    program = deployed("prod")
    [alarm] = [
        each
        for each in declared(program, METRIC_ALARM)
        if each.inputs["name"] == "goal-mandala-prod-api-error-rate-high"
    ]
    [integration] = {
        each.inputs["apiId"]
        for each in declared(program, "aws:apigatewayv2/integration:Integration")
    }
    metrics = [q["metric"] for q in alarm.inputs["metricQueries"] if q.get("metric")]
    assert {each["dimensions"]["ApiId"] for each in metrics} == {integration}
