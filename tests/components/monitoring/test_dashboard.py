"""The dashboard: a grid without holes or overlaps, thresholds as lines, all handlers' metrics."""

import json
from itertools import combinations
from typing import Any

import pytest

from components.monitoring.dashboard.body import dashboard
from components.monitoring.dashboard.widgets import COLUMNS
from components.monitoring.metric_factory import API_ID
from components.monitoring.monitoring import Monitoring
from components.names import Names
from components.settings import Settings
from handlers.contract.metric_names import NAMESPACE, MetricName
from tests.components.conftest import Evaluate
from tests.components.monitoring.document import monitoring_of_prod

Widget = dict[str, Any]
PROD = monitoring_of_prod()
BODY = dashboard(PROD)
WIDGETS: list[Widget] = BODY["widgets"]
GRAPHS = [each for each in WIDGETS if each["type"] == "metric"]


def title(widget: Widget) -> str:
    return widget["properties"]["title"]


def cells(widget: Widget) -> set[tuple[int, int]]:
    columns = range(widget["x"], widget["x"] + widget["width"])
    rows = range(widget["y"], widget["y"] + widget["height"])
    return {(column, row) for column in columns for row in rows}


def test_widgets_fill_the_grid_without_overlapping() -> None:
    assert all(cells(one).isdisjoint(cells(other)) for one, other in combinations(WIDGETS, 2))
    height = max(each["y"] + each["height"] for each in WIDGETS)
    assert sum(len(cells(each)) for each in WIDGETS) == COLUMNS * height


def test_questions_come_in_the_order_in_which_they_are_asked() -> None:
    texts = [each["properties"]["markdown"] for each in WIDGETS if each["type"] == "text"]
    assert [each.rpartition("/ ")[2] for each in texts[1:]] == [
        "Is it working?",
        "How fast?",
        "What fails?",
        "What does it cost?",
        "Are limits near?",
    ]


def test_the_dashboard_is_within_cloudwatchs_limits() -> None:
    assert len(json.dumps(BODY).encode()) < 1024 * 1024
    assert len(WIDGETS) <= 500
    assert all(len(each["properties"]["metrics"]) <= 500 for each in GRAPHS)


@pytest.mark.parametrize("widget", GRAPHS, ids=title)
def test_a_graph_draws_what_it_names(widget: Widget) -> None:
    options = [row[-1] for row in widget["properties"]["metrics"]]
    ids = [each["id"] for each in options if "id" in each]
    assert len(set(ids)) == len(ids)
    drawn = [each for each in options if each.get("visible") is not False]
    assert drawn
    assert all(each["label"] for each in drawn)
    for row in widget["properties"]["metrics"]:
        if len(row) > 1:
            assert row[0].startswith("AWS/") or row[0] == NAMESPACE
            assert len(row) % 2 == 1  # namespace, name, pairs of a dimension, options
            assert row[-1]["stat"]


def test_the_graph_of_an_alarm_has_its_threshold_as_a_line() -> None:
    thresholds = {each.key: each.threshold for each in PROD.alarms}
    lines = {
        line["label"]: line["value"]
        for each in GRAPHS
        for line in each["properties"].get("annotations", {}).get("horizontal", [])
    }
    watched = set(lines) & set(thresholds)
    assert all(lines[key] == thresholds[key] for key in watched)
    assert watched >= {
        "workflow-failure-rate-high",
        "workflow-timeout-high",
        "workflow-execution-time-high",
        "workflow-failed-actions-high",
        "workflow-reconcile-lag-high",
        "model-failure-rate-high",
        "model-throttles-high",
        "model-cost-high",
        "api-error-rate-high",
        "account-concurrency-high",
        "table-read-capacity-high",
        "table-write-capacity-high",
    }


def test_every_metric_that_the_handlers_send_is_drawn() -> None:
    drawn = {
        row[1] for each in GRAPHS for row in each["properties"]["metrics"] if row[0] == NAMESPACE
    }
    assert {each.value for each in MetricName} - drawn == set()


def test_on_demand_capacity_is_drawn_without_a_share(names: Names, settings: Settings) -> None:
    body = dashboard(Monitoring(names, settings))
    shown = [title(each) for each in body["widgets"] if "y" in each and each["type"] == "metric"]
    assert "読み取り容量 / Read capacity" in shown
    assert "table-read-capacity-high" not in json.dumps(body)
    assert "ConsumedReadCapacityUnits" in json.dumps(body)


def test_the_declared_dashboard_shows_the_api_of_the_stack(deployed: Evaluate) -> None:
    [declared] = [
        each
        for each in deployed("prod").resources
        if each.type == "aws:cloudwatch/dashboard:Dashboard"
    ]
    assert declared.inputs["dashboardName"] == "goal-mandala-prod-workflow"
    assert API_ID not in declared.inputs["dashboardBody"]
    assert json.loads(declared.inputs["dashboardBody"])["widgets"]
