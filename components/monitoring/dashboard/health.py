"""The dashboard's upper half: is it working, how fast, what fails?"""

from components.monitoring.dashboard.board import GRAPH, HEADING, STATES, Board
from components.monitoring.dashboard.widgets import Row, log_table, text
from components.monitoring.saved_queries import saved_queries
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.errors import ErrorCode
from handlers.contract.functions import FUNCTIONS
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus


def is_it_working(board: Board) -> list[Row]:
    """Who has been told, what is watched, what started and ended."""
    silent = (AlarmRoute.NOTICES, AlarmRoute.CHORES, AlarmRoute.ESCALATION)
    pages = [each for each in board.alarms.values() if each.alarm_route not in silent]
    of = board.of
    ends = ("Succeeded", "Failed", "TimedOut", "Aborted")
    executions = {each: of.states(f"Executions{each}") for each in ("Started", *ends)}
    return [
        (HEADING, [text("## 動いているか / Is it working?")]),
        (STATES, [board.states("通知するもの / Who speaks", board.composites)]),
        (STATES + 1, [board.states("見張るもの / What is watched", pages)]),
        (
            GRAPH,
            [
                board.graph("実行 / Executions", executions),
                board.watched("失敗率 / Failure rate", "workflow-failure-rate-high"),
                board.watched("タイムアウト率 / Time-out rate", "workflow-timeout-high"),
                board.watched(
                    "回収の遅れ / Reconcile lag",
                    "workflow-reconcile-lag-high",
                    sweeps=of.own(MetricName.RECONCILE_LAG, "SampleCount"),
                    healed=of.own(MetricName.EXECUTIONS_HEALED),
                ),
            ],
        ),
    ]


def how_fast(board: Board) -> list[Row]:
    """Executions, the model, functions, the API."""
    of, generation = board.of, board.settings.generation
    at_most = board.settings.alarms.lambda_duration
    return [
        (HEADING, [text("## 速さは十分か / How fast?")]),
        (
            GRAPH,
            [
                board.watched(
                    "実行時間 / Execution time",
                    "workflow-execution-time-high",
                    p95=of.states("ExecutionTime", "p95"),
                ),
                board.graph(
                    "モデル / Model latency",
                    {each: of.own(MetricName.MODEL_LATENCY, each) for each in ("p50", "p95")},
                    at={"call time-out": generation.call_timeout_seconds * 1000},
                    unit="ms",
                ),
                board.graph(
                    "関数 / Functions, p95",
                    {each.name: of.function(each, "Duration", "p95") for each in FUNCTIONS},
                    at={
                        "lambda-duration-high": at_most * 1000,
                        "time-out of task-generation": generation.timeout * 1000,
                    },
                    unit="ms",
                ),
                board.graph(
                    "API",
                    {
                        "p50": of.api("Latency", "p50"),
                        "p95": of.api("Latency", "p95"),
                        "integration p95": of.api("IntegrationLatency", "p95"),
                    },
                    unit="ms",
                ),
            ],
        ),
    ]


def what_fails(board: Board) -> list[Row]:
    """Actions, endings, attempts, functions, the API, messages; and why, from the logs."""
    of = board.of
    errors = next(each for each in saved_queries(board.names) if each.key == "errors-by-code")
    rates = {f"e{i}": of.function(each, "Errors") for i, each in enumerate(FUNCTIONS)}
    calls = {f"c{i}": of.function(each, "Invocations") for i, each in enumerate(FUNCTIONS)}
    queues = (board.names.dead_letter_queue, board.names.slack_dead_letter_queue)
    return [
        (HEADING, [text("## 何が失敗しているか / What fails?")]),
        (
            GRAPH,
            [
                board.watched(
                    "失敗したアクション / Failed actions",
                    "workflow-failed-actions-high",
                    worst=of.own(MetricName.FAILED_ACTIONS_SHARE, "Maximum"),
                ),
                board.graph(
                    "失敗の理由 / Failed actions by code",
                    {
                        each.value: of.own(MetricName.ACTIONS_FAILED, only=each)
                        for each in ErrorCode
                    },
                    stacked=True,
                ),
                board.graph(
                    "終わり方 / Endings",
                    {
                        **{
                            each.value: of.own(MetricName.EXECUTIONS_ENDED, only=each)
                            for each in ExecutionStatus
                            if each is not ExecutionStatus.RUNNING
                        },
                        "cut by the deadline": of.own(MetricName.DEADLINE_CUTS),
                    },
                    stacked=True,
                ),
                board.watched(
                    "モデルの試行 / Attempts at the model",
                    "model-failure-rate-high",
                    repairs=of.own(MetricName.REPAIRS),
                ),
            ],
        ),
        (
            GRAPH,
            [
                board.graph(
                    "関数のエラー率 / Function errors",
                    {each.name: f"100 * FILL(e{i}, 0) / c{i}" for i, each in enumerate(FUNCTIONS)},
                    behind={**rates, **calls},
                    at={"lambda-error-rate-high": board.settings.alarms.lambda_error_rate},
                    unit="%",
                ),
                board.watched(
                    "API 5xx",
                    "api-error-rate-high",
                    **{
                        "4xx": of.api("4xx"),
                        "503 of ours": of.own(MetricName.API_UNAVAILABLE),
                        "500 of ours": of.own(MetricName.API_FAILED),
                    },
                ),
                board.graph(
                    "届かないもの / Undelivered",
                    {
                        **{
                            each: of.queue(each, "ApproximateNumberOfMessagesVisible")
                            for each in queues
                        },
                        "Slack refused": of.own(MetricName.SLACK_FAILURES),
                        "Slack took": of.own(MetricName.SLACK_MESSAGES),
                    },
                ),
                log_table(
                    "エラーコード別 / Errors by code",
                    errors.text,
                    errors.log_groups,
                    board.names.region,
                ),
            ],
        ),
    ]
