"""The dashboard's lower half: what does it cost, are limits near?"""

from components.monitoring.dashboard.board import GRAPH, HEADING, Board
from components.monitoring.dashboard.widgets import Row, Widget, text
from components.monitoring.metric_factory import MetricStat
from components.monitoring.resources import INDEXES, OPERATIONS
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION
from handlers.contract.metric_names import Metric

_HOUR = 3600
_DAY = 24 * _HOUR
_MINUTE = 60


def what_it_costs(board: Board) -> list[Row]:
    """Dollars, tokens, and what makes them more."""
    of = board.of
    return [
        (HEADING, [text("## いくらかかっているか / What does it cost?")]),
        (
            GRAPH,
            [
                board.watched("モデル費用（24時間） / Model, USD in 24 h", "model-cost-high"),
                board.graph(
                    "トークン / Tokens",
                    {
                        "in": of.own(Metric.INPUT_TOKENS),
                        "out": of.own(Metric.OUTPUT_TOKENS),
                    },
                    period=_HOUR,
                    stacked=True,
                ),
                board.graph(
                    "実行あたりの費用 / USD an execution",
                    {"USD": "cost / ended"},
                    behind={
                        "cost": of.own(Metric.COST_USD),
                        "ended": of.own(Metric.EXECUTIONS_ENDED),
                    },
                    period=_HOUR,
                    unit="USD",
                ),
                board.graph(
                    "生成と再試行 / Actions, tries",
                    {
                        "generated": of.own(Metric.ACTIONS_GENERATED),
                        "saved": of.own(Metric.ACTIONS_SUCCEEDED),
                        "failed attempts": of.own(Metric.FAILED_ATTEMPTS),
                        "repairs": of.own(Metric.REPAIRS),
                        "coerced": of.own(Metric.ANSWERS_COERCED),
                    },
                    period=_HOUR,
                ),
            ],
        ),
    ]


def are_limits_near(board: Board) -> list[Row]:
    """Lambda's concurrency, Bedrock's quota, the table's capacity, the API's throttle."""
    of = board.of
    return [
        (HEADING, [text("## 上限に近いか / Are limits near?")]),
        (
            GRAPH,
            [
                board.watched(
                    "同時実行数 / Concurrent executions",
                    "account-concurrency-high",
                    **{
                        TASK_GENERATION.name: of.function(
                            TASK_GENERATION, "ConcurrentExecutions", "Maximum"
                        )
                    },
                ),
                board.graph(
                    "関数のスロットリング / Function throttles",
                    {each.name: of.function(each, "Throttles") for each in FUNCTIONS},
                    at={"functions-throttled": board.settings.alarms.throttles},
                    stacked=True,
                ),
                board.watched("モデルのスロットリング / Model throttles", "model-throttles-high"),
                board.graph(
                    "API / Requests",
                    {"requests": of.api("Count")},
                    at={"throttle": board.settings.api_throttle.rate * _MINUTE},
                    period=_MINUTE,
                ),
            ],
        ),
        (
            GRAPH,
            [
                _consumed(board, "Read", "読み取り容量 / Read capacity"),
                _consumed(board, "Write", "書き込み容量 / Write capacity"),
                board.graph(
                    "DynamoDBのスロットリング / Table throttles",
                    {
                        f"{index or 'table'} {kind.lower()}": of.table(
                            f"{kind}ThrottleEvents", index=index
                        )
                        for index in (None, *INDEXES)
                        for kind in ("Read", "Write")
                    },
                    at={"table-throttled": board.settings.alarms.throttles},
                    stacked=True,
                ),
                board.graph(
                    "DynamoDBのエラー / Table errors",
                    {
                        **{
                            f"system, {each}": of.table("SystemErrors", operation=each)
                            for each in OPERATIONS
                        },
                        "user, ours": of.own(Metric.TABLE_USER_ERRORS),
                        # of all tables of the account: AWS counts them only together
                        "user, account": MetricStat("AWS/DynamoDB", "UserErrors", "Sum"),
                    },
                    at={"table-user-errors": board.settings.alarms.user_errors},
                ),
            ],
        ),
    ]


def _consumed(board: Board, kind: str, title: str) -> Widget:
    key = f"table-{kind.lower()}-capacity-high"
    if key in board.alarms:
        return board.watched(title, key)
    return board.graph(  # on demand there is no capacity to take a share of
        title,
        {
            index or "table": board.of.table(f"Consumed{kind}CapacityUnits", index=index)
            for index in (None, *INDEXES)
        },
        stacked=True,
    )
