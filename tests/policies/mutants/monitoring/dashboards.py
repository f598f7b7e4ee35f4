"""Mutants for `policies.rules.monitoring.dashboards`."""

import json
from collections.abc import Callable
from typing import Any

from components.monitoring.dashboard.body import dashboard
from tests.components.monitoring.document import monitoring_of_prod
from tests.policies.mutate import Change, Mutant, set_input, unchanged, without

POLICY = "monitoring-dashboard"
_ALARM_ARN = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:goal-mandala-prod-"

Widgets = list[dict[str, Any]]


def drawn(edited: Callable[[Widgets], object]) -> Change:
    """The stack's dashboard as it is when the API's id is known, with its widgets edited."""
    body = dashboard(monitoring_of_prod())
    edited(body["widgets"])
    return set_input("observability-dashboard", "dashboardBody", json.dumps(body))


def titled(widgets: Widgets, title: str) -> Any:
    """The properties of the widget whose title begins like this."""
    found = (each["properties"] for each in widgets)
    return next(each for each in found if each.get("title", "").startswith(title))


def without_widget(title: str) -> Change:
    """A dashboard without the widget whose title begins like this."""

    def edited(widgets: Widgets) -> None:
        gone = titled(widgets, title)
        widgets[:] = [each for each in widgets if each["properties"] is not gone]

    return drawn(edited)


def _threshold(widgets: Widgets) -> None:
    titled(widgets, "失敗率")["annotations"]["horizontal"][0]["value"] = 20


def _hidden(widgets: Widgets) -> None:
    for line in titled(widgets, "API 5xx")["metrics"]:
        line[-1]["visible"] = False


MUTANTS = (
    Mutant(POLICY, "no widget of time-outs of functions", without_widget("関数 /")),
    Mutant(POLICY, "no widget of the table's errors", without_widget("DynamoDBのエラー")),
    Mutant(POLICY, "a line beside the alarm's threshold", drawn(_threshold)),
    Mutant(POLICY, "a widget on which nothing is seen", drawn(_hidden)),
    Mutant(
        POLICY,
        "an expression over an id that no line has",
        drawn(lambda w: titled(w, "実行あたりの費用")["metrics"][0][-1].update(id="spent")),
    ),
    Mutant(
        POLICY,
        "an expression that does not parse",
        drawn(lambda w: titled(w, "実行あたりの費用")["metrics"][2][0].update(expression="cost /")),
    ),
    Mutant(
        POLICY,
        "the state of an alarm that is not there",
        drawn(lambda w: titled(w, "通知するもの")["alarms"].append(f"{_ALARM_ARN}outages")),
    ),
    Mutant(
        POLICY,
        "a table of logs whose query does not parse",
        drawn(lambda w: titled(w, "エラーコード別").update(query="SOURCE 'a' | limit ten")),
    ),
    Mutant(
        POLICY,
        "a graph of another region",
        drawn(lambda w: titled(w, "API 5xx").update(region="us-east-1")),
    ),
    Mutant(POLICY, "a widget beyond the grid", drawn(lambda w: w[-1].update(x=18, width=12))),
    Mutant(
        POLICY,
        "a body without widgets",
        set_input("observability-dashboard", "dashboardBody", '{"start": "-PT6H"}'),
    ),
    Mutant(POLICY, "no dashboard", without("observability-dashboard")),
    Mutant(POLICY, "the program as it is", unchanged, near_miss=True),
    Mutant(POLICY, "its body, once the API has an id", drawn(len), near_miss=True),
    Mutant(
        POLICY,
        "a widget less that the guide does not ask for",
        without_widget("トークン"),
        near_miss=True,
    ),
    Mutant(
        POLICY,
        "a search in place of metrics",
        drawn(
            lambda w: titled(w, "トークン").update(
                metrics=[[{"expression": "SEARCH('{AWS/Lambda,FunctionName}', 'Sum', 300)"}]]
            )
        ),
        near_miss=True,
    ),
)
