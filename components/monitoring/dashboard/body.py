"""The dashboard: links, then the rows. All of the guide's metrics are on it."""

from typing import Any

from components.monitoring.dashboard.rows import (
    are_limits_near,
    how_fast,
    is_it_working,
    what_fails,
    what_it_costs,
)
from components.monitoring.dashboard.widgets import LINKS, Renderer, laid_out, text
from components.monitoring.monitoring import Monitoring

_QUESTIONS = (is_it_working, how_fast, what_fails, what_it_costs, are_limits_near)


def dashboard(monitoring: Monitoring) -> dict[str, Any]:
    """The dashboard's body; it holds `metric_factory.API_ID` in the place of the API's id."""
    render = Renderer(monitoring.names)
    rows = [
        (LINKS, [text(_links(monitoring))]),
        *(row for question in _QUESTIONS for row in question(monitoring, render)),
    ]
    return {"start": "-PT6H", "periodOverride": "inherit", "widgets": laid_out(rows)}


def _links(monitoring: Monitoring) -> str:
    names = monitoring.names
    console = f"https://{names.region}.console.aws.amazon.com"
    cloudwatch = f"{console}/cloudwatch/home?region={names.region}"
    machine = f"{console}/states/home?region={names.region}#/statemachines/view"
    return (
        f"# {names.prefix}\n"
        f"[実行 / executions]({machine}/{names.state_machine_arn}) · "
        f"[ログ / logs]({cloudwatch}#logsV2:logs-insights) · "
        f"[トレース / traces]({cloudwatch}#xray:service-map) · "
        f"手順書 / runbook: {monitoring.settings.alarms.runbook}"
    )
