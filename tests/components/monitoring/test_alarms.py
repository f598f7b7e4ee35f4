"""Alarms within AWS's limits: true rates, children without actions, few composites with them."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from components.monitoring.alarm_factory import Alarm
from components.monitoring.metric_factory import MetricStat
from components.monitoring.monitoring import Monitoring
from components.monitoring.resources import functions
from components.names import Names
from components.settings import Settings, parse
from declared.resources import DeclaredResource
from handlers.contract.alarm_routes import (
    COMPOSITE_ROUTES,
    AlarmDescription,
    AlarmRoute,
    read_route,
)
from handlers.contract.functions import FUNCTIONS
from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, MetricName
from tests.components.conftest import Evaluate
from tests.components.monitoring.document import monitoring_of_prod

PROD = monitoring_of_prod()
ALARMS, COMPOSITES = PROD.alarms, PROD.composites
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def by_id(alarm: Alarm) -> str:
    return alarm.name


def declared(program: Any, type_: str) -> list[DeclaredResource]:
    return [each for each in program.resources if each.type == type_]


def test_the_names_of_alarms_are_unique_and_begin_with_the_stacks_prefix() -> None:
    names = [each.name for each in (*ALARMS, *COMPOSITES)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("goal-mandala-prod-") and len(name) <= 255 for name in names)


@pytest.mark.parametrize("alarm", ALARMS, ids=by_id)
def test_an_alarm_is_within_what_cloudwatch_takes(alarm: Alarm) -> None:
    assert len(alarm.queries) <= 10
    judged = alarm.evaluation
    assert judged.period % 60 == 0
    assert 1 <= judged.points <= judged.periods
    # (CloudWatch API, PutMetricAlarm: a day in all, a week where the period is an hour or more)
    assert judged.periods * judged.period <= (604_800 if judged.period >= 3600 else 86_400)
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
def test_an_alarm_reads_metrics_of_the_handlers_with_the_dimensions_they_are_sent_with(
    alarm: Alarm,
) -> None:
    for measure in alarm.metrics:
        if measure.namespace == NAMESPACE:
            first, *more = measure.dimensions
            assert first == ("environment", "prod")
            assert [name for name, _ in more] in (
                [],
                [SECOND_DIMENSION.get(MetricName(measure.name))],
            )


def test_one_composite_names_every_alarm_but_those_with_actions_of_their_own() -> None:
    named = Counter(name for each in COMPOSITES for name in re.findall(r'"([^"]+)"', each.rule))
    # the rules of notices, chores and the escalation name the outage, too
    assert named.pop("goal-mandala-prod-outage") == 3
    assert named == {each.name: 1 for each in ALARMS if each.route is not AlarmRoute.SELF}


def test_the_outage_composite_has_no_alarm_that_waits_for_a_person() -> None:
    outage = next(each for each in COMPOSITES if each.route is AlarmRoute.OUTAGE)
    assert "dead-letters" not in outage.rule
    assert "cost" not in outage.rule


def test_an_outage_is_messaged_at_its_start_and_end_and_notices_go_to_the_other_topic() -> None:
    topics = {each.route: (each.alarm_topic, each.ok_topic) for each in COMPOSITES}
    assert topics == {
        "outage": ("workflow-alerts-prod", "workflow-alerts-prod"),
        "escalation": ("workflow-alerts-prod", None),
        "undelivered": ("workflow-alerts-prod", None),
        "notices": ("workflow-notifications-prod", None),
        "chores": ("workflow-notifications-prod", None),
    }
    others = [each for each in COMPOSITES if each.route in (AlarmRoute.NOTICES, AlarmRoute.CHORES)]
    condition = ') AND NOT ALARM("goal-mandala-prod-outage")'
    assert all(each.rule.endswith(condition) for each in others)
    # an alarm that stays on for days would hide later notices behind it
    notices = next(each for each in COMPOSITES if each.route is AlarmRoute.NOTICES)
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
    pages = {each.key: each for each in ALARMS if each.route is AlarmRoute.OUTAGE}
    escalations = [each for each in ALARMS if each.route is AlarmRoute.ESCALATION]
    assert escalations
    for each in escalations:
        page = pages[each.key]
        assert (each.queries, each.threshold) == (page.queries, page.threshold)
        longer, usual = each.evaluation, page.evaluation
        assert longer.points * longer.period > usual.points * usual.period
        assert longer.periods * longer.period >= PROD.settings.alarms.escalation


def test_capacity_is_watched_only_where_there_is_one(names: Names, settings: Settings) -> None:
    on_demand = {each.key for each in Monitoring(names, settings).alarms}
    assert {each.key for each in ALARMS} - on_demand == {
        "table-read-capacity-high",
        "table-write-capacity-high",
        "lambda-concurrency-high-task-generation",
    }


def test_thresholds_periods_and_points_are_settings(configured: dict[str, str]) -> None:
    chosen = '{"failureRate": 25, "minimumRuns": 3, "period": 600, "runbook": "https://wiki/run"}'
    settings = parse({**configured, "alarms": chosen}, {})
    found = {each.key: each for each in reversed(Monitoring(PROD.names, settings).alarms)}
    rate = found["workflow-failure-rate-high"]
    assert rate.threshold == 25
    assert found["workflow-reconcile-lag-high"].evaluation.period == 600
    assert "ended >= 3" in str(rate.queries["rate"])
    assert rate.description.section == "https://wiki/run#workflow-failure-rate-high"


def test_more_functions_than_an_alarm_has_metrics_are_watched_by_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = tuple(replace(FUNCTIONS[0], name=f"function-{number}") for number in range(12))
    monkeypatch.setattr(functions, "FUNCTIONS", many)
    alarms = Monitoring(PROD.names, PROD.settings).alarms
    throttled = [each for each in alarms if each.description.anchor == "functions-throttled"]
    assert [len(each.metrics) for each in throttled] == [9, 3]
    assert len({each.name for each in throttled}) == 2


@pytest.mark.parametrize("stack", ["local", "dev", "staging", "prod"])
def test_alarms_are_declared_with_the_actions_and_queries_of_the_data(
    stack: str, deployed: Evaluate
) -> None:
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


def test_slack_reads_back_the_route_and_the_description_of_every_declared_alarm(
    deployed: Evaluate,
) -> None:
    program = deployed("prod")
    for each in declared(program, METRIC_ALARM):
        assert read_route(each.inputs["name"]) is AlarmRoute.SELF
        assert AlarmDescription.read(each.inputs["alarmDescription"])
    composites = [each.inputs for each in declared(program, COMPOSITE_ALARM)]
    assert {read_route(each["alarmName"]) for each in composites} == set(COMPOSITE_ROUTES)
    for each in composites:
        description = AlarmDescription.read(each["alarmDescription"])
        assert description
        assert description.anchor == read_route(each["alarmName"])


def test_the_apis_alarm_watches_the_api_of_the_stack(deployed: Evaluate) -> None:
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


def test_an_alarm_needs_no_more_bad_periods_than_it_looks_at_whatever_the_settings() -> None:
    settings = PROD.settings
    chosen = settings.alarms.model_copy(update={"points": 4, "notice_points": 5})
    changed = Monitoring(PROD.names, settings.model_copy(update={"alarms": chosen}))
    wrong = [a.name for a in changed.alarms if a.evaluation.points > a.evaluation.periods]
    assert wrong == []
