"""The dashboard: what a person on call asks, top to bottom. All of the guide's metrics are here."""

from typing import Any

from components.monitoring.dashboard.board import Board
from components.monitoring.dashboard.health import how_fast, is_it_working, what_fails
from components.monitoring.dashboard.limits import are_limits_near, what_it_costs
from components.monitoring.dashboard.widgets import laid_out, text
from components.names import Names
from components.settings import Settings


def dashboard(names: Names, settings: Settings) -> dict[str, Any]:
    """The dashboard's body; the API's id is still `metrics.API_ID` in it."""
    board = Board(names, settings)
    rows = [
        (2, [text(_links(names, settings))]),
        *is_it_working(board),
        *how_fast(board),
        *what_fails(board),
        *what_it_costs(board),
        *are_limits_near(board),
    ]
    return {"start": "-PT6H", "periodOverride": "inherit", "widgets": laid_out(rows)}


def _links(names: Names, settings: Settings) -> str:
    console = f"https://{names.region}.console.aws.amazon.com"
    cloudwatch = f"{console}/cloudwatch/home?region={names.region}"
    machine = f"{console}/states/home?region={names.region}#/statemachines/view"
    return (
        f"# {names.prefix}\n"
        f"[実行 / executions]({machine}/{names.state_machine_arn}) · "
        f"[ログ / logs]({cloudwatch}#logsV2:logs-insights) · "
        f"[トレース / traces]({cloudwatch}#xray:service-map) · "
        f"手順書 / runbook: {settings.alarms.runbook}"
    )
