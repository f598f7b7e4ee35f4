"""The rows of the dashboard: the questions of a person on call, top to bottom."""

from components.monitoring.alarm_factory import Alarm
from components.monitoring.dashboard.widgets import GRAPH, HEADING, STATES, Renderer, Row
from components.monitoring.monitoring import Monitoring
from handlers.contract.alarm_routes import AlarmRoute

_QUIET = (AlarmRoute.NOTICES, AlarmRoute.CHORES, AlarmRoute.ESCALATION)


def is_it_working(monitoring: Monitoring, render: Renderer) -> list[Row]:
    """Which alarms are on; what started and ended."""
    machine = monitoring.state_machine
    alarm_states = render.alarm_states("見張るもの / What is watched", _pages(monitoring))
    return [
        (HEADING, [render.heading("動いているか / Is it working?")]),
        (STATES, [render.alarm_states("通知するもの / Who speaks", monitoring.composites)]),
        (STATES + 1, [alarm_states]),
        (
            GRAPH,
            render.graphs(
                machine.executions_graph(),
                machine.failure_rate_graph(),
                machine.timeout_rate_graph(),
                monitoring.reconciliation.lag_graph(),
            ),
        ),
    ]


def how_fast(monitoring: Monitoring, render: Renderer) -> list[Row]:
    """Executions, the model, functions, the API."""
    return [
        (HEADING, [render.heading("速さは十分か / How fast?")]),
        (
            GRAPH,
            render.graphs(
                monitoring.state_machine.execution_time_graph(),
                monitoring.model.latency_graph(),
                monitoring.functions.duration_graph(),
                monitoring.api.latency_graph(),
            ),
        ),
    ]


def what_fails(monitoring: Monitoring, render: Renderer) -> list[Row]:
    """Actions, executions, attempts, functions, the API, messages; and why, from the logs."""
    machine = monitoring.state_machine
    errors = next(each for each in monitoring.saved_queries if each.key == "errors-by-code")
    return [
        (HEADING, [render.heading("何が失敗しているか / What fails?")]),
        (
            GRAPH,
            render.graphs(
                machine.failed_actions_graph(),
                machine.error_codes_graph(),
                machine.endings_graph(),
                monitoring.model.attempts_graph(),
            ),
        ),
        (
            GRAPH,
            [
                *render.graphs(
                    monitoring.functions.errors_graph(),
                    monitoring.api.errors_graph(),
                    monitoring.notifications.undelivered_graph(),
                ),
                render.log_table("エラーコード別 / Errors by code", errors),
            ],
        ),
    ]


def what_it_costs(monitoring: Monitoring, render: Renderer) -> list[Row]:
    """Dollars, tokens, and what raises them."""
    model = monitoring.model
    return [
        (HEADING, [render.heading("いくらかかっているか / What does it cost?")]),
        (
            GRAPH,
            render.graphs(
                model.cost_graph(),
                model.tokens_graph(),
                model.execution_cost_graph(),
                model.actions_graph(),
            ),
        ),
    ]


def are_limits_near(monitoring: Monitoring, render: Renderer) -> list[Row]:
    """Lambda's concurrency, Bedrock's quota, the API's throttle, the table's capacity."""
    table = monitoring.table
    return [
        (HEADING, [render.heading("上限に近いか / Are limits near?")]),
        (
            GRAPH,
            render.graphs(
                monitoring.functions.concurrency_graph(),
                monitoring.functions.throttles_graph(),
                monitoring.model.throttles_graph(),
                monitoring.api.requests_graph(),
            ),
        ),
        (
            GRAPH,
            render.graphs(
                table.read_capacity_graph(),
                table.write_capacity_graph(),
                table.throttles_graph(),
                table.errors_graph(),
            ),
        ),
        (
            GRAPH,
            render.graphs(
                monitoring.archiving.lag_graph(),
                monitoring.model.turns_graph(),
                *([monitoring.backups.jobs_graph()] if monitoring.backups else []),
            ),
        ),
    ]


def _pages(monitoring: Monitoring) -> list[Alarm]:
    """The alarms of which a person is called, first those that escalate."""
    pages = [each for each in reversed(monitoring.alarms) if each.route not in _QUIET]
    return sorted(pages, key=lambda each: each not in monitoring.escalated)
