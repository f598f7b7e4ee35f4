"""docs/monitoring.md: every row of the guide's metric tables, with its alarms and widgets.

`python -m tests.components.monitoring.document` writes docs/monitoring.md; a test compares it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.monitoring.alarm_factory import Alarm
from components.monitoring.dashboard.body import dashboard
from components.monitoring.monitoring import Monitoring
from components.settings import parse
from handlers.contract.alarm_routes import AlarmRoute
from tests.components.conftest import OF_DEV, SECRETS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "monitoring.md"

_ALARM_USD, _COMPOSITE_USD = 0.10, 0.50
"""A month, each metric of an alarm and each composite (Amazon CloudWatch pricing)."""


@dataclass(frozen=True)
class Row:
    """One thing to watch, and where it is watched.

    of: the guide's table, or "-" for what the guide does not mention.
    alarms: anchors of their sections in the runbook. widgets: beginnings of their titles.
    """

    of: str
    what: str
    threshold: str
    alarms: tuple[str, ...]
    widgets: tuple[str, ...]


GUIDE = (
    Row(
        "State Machine",
        "ExecutionsFailed",
        "> 10%",
        ("workflow-failure-rate-high", "workflow-execution-failed"),
        ("実行 /", "失敗率"),
    ),
    Row(
        "State Machine",
        "ExecutionsTimedOut",
        "> 5%",
        ("workflow-timeout-high", "workflow-execution-failed"),
        ("実行 /", "タイムアウト率"),
    ),
    Row(
        "State Machine",
        "ExecutionTime",
        "> 10分",
        ("workflow-execution-time-high",),
        ("実行時間",),
    ),
    Row("State Machine", "ExecutionsStarted", "-", ("workflow-none-succeed",), ("実行 /",)),
    Row("State Machine", "ExecutionsSucceeded", "-", ("workflow-none-succeed",), ("実行 /",)),
    Row("Lambda", "Invocations", "-", (), ("関数のエラー率",)),
    Row("Lambda", "Errors", "> 5%", ("lambda-error-rate-high",), ("関数のエラー率",)),
    Row(
        "Lambda",
        "Duration",
        "> 30秒",
        ("lambda-duration-high", "lambda-near-timeout"),
        ("関数 /",),
    ),
    Row("Lambda", "Throttles", "> 0", ("functions-throttled",), ("関数のスロットリング",)),
    Row(
        "Lambda",
        "ConcurrentExecutions",
        "> 80%",
        ("account-concurrency-high", "lambda-concurrency-high"),
        ("同時実行数",),
    ),
    Row(
        "DynamoDB",
        "ConsumedReadCapacityUnits",
        "> 80%",
        ("table-read-capacity-high",),
        ("読み取り容量",),
    ),
    Row(
        "DynamoDB",
        "ConsumedWriteCapacityUnits",
        "> 80%",
        ("table-write-capacity-high",),
        ("書き込み容量",),
    ),
    Row("DynamoDB", "UserErrors", "> 0", ("table-user-errors",), ("DynamoDBのエラー",)),
    Row("DynamoDB", "SystemErrors", "> 0", ("table-system-errors",), ("DynamoDBのエラー",)),
)
"""The guide's three tables, row by row."""

NOT_IN_THE_GUIDE = (
    Row(
        "-",
        "actions that failed for good",
        "> 10 %",
        ("workflow-failed-actions-high",),
        ("失敗したアクション", "失敗の理由"),
    ),
    Row(
        "-", "partial endings", "> 95 % in an hour", ("workflow-partial-rate-high",), ("終わり方",)
    ),
    Row("-", "cut by the deadline", "> 5 %", ("workflow-deadline-cuts-high",), ("終わり方",)),
    Row("-", "started, none succeeded", "twice 15 min", ("workflow-none-succeed",), ("実行 /",)),
    Row("-", "model throttling", "> 50 %", ("model-throttles-high",), ("モデルのスロットリング",)),
    Row(
        "-",
        "failed attempts at the model",
        "> 50 %",
        ("model-failure-rate-high",),
        ("モデルの試行",),
    ),
    Row("-", "token spend a day", "> 10 USD", ("model-cost-high",), ("モデル費用", "トークン")),
    Row(
        "-",
        "dead-letter depth",
        "> 0",
        ("reconcile-dead-letters", "slack-dead-letters"),
        ("届かないもの",),
    ),
    Row("-", "Slack takes nothing", "3 tries", ("slack-failing",), ("届かないもの",)),
    Row("-", "topics that cannot deliver", "> 0", ("topic-deliveries-failed",), ()),
    Row(
        "-",
        "reconcile lag",
        "> 360 s",
        ("workflow-reconcile-lag-high", "workflow-reconcile-silent"),
        ("回収の遅れ",),
    ),
    Row(
        "-",
        "table throttling",
        "> 0",
        ("table-throttled",),
        ("DynamoDBのスロットリング",),
    ),
    Row("-", "answers 5xx", "> 5 %", ("api-error-rate-high",), ("API 5xx",)),
)
"""What the guide does not mention."""


def monitoring_of_prod() -> Monitoring:
    """A production stack with every optional alarm: provisioned table, reserved concurrency."""
    options = {
        "environment": "prod",
        "browser_client": "false",
        "table": '{"billing": "provisioned"}',
        "generation": '{"reservedConcurrency": 24}',
    }
    settings = parse({**OF_DEV, **SECRETS, **options}, {})
    return Monitoring(settings.names, settings)


def document() -> str:
    """docs/monitoring.md."""
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    monitoring = monitoring_of_prod()
    names, every, composites = monitoring.names, monitoring.alarms, monitoring.composites
    metrics = sum(len(each.metrics) for each in every)
    dollars = metrics * _ALARM_USD + len(composites) * _COMPOSITE_USD
    yield "# Monitoring"
    yield ""
    yield "<!-- Written by `python -m tests.components.monitoring.document`; a test compares it -->"
    yield ""
    yield (
        f"This is the stack `prod` with every optional alarm (provisioned table,"
        f" reserved concurrency): {len(every)} alarms over {metrics} metrics and"
        f" {len(composites)} composites, {dollars:.2f} USD a month at 0.10 USD a metric and 0.50"
        " USD a composite. Thresholds, period and points are settings (`goal-mandala:alarms`);"
        " an alarm that calls a person fires with the first bad period, so that the first page"
        " comes within 10 minutes, and is over with the last one; rates over executions take 15"
        " minutes"
        " instead of the guide's 5, in which there are too few. Notices take the guide's two"
        " periods."
        " What to do when one is on: [runbook.md](runbook.md)."
    )
    yield ""
    yield "## The guide's tables"
    yield ""
    yield from _rows(GUIDE, every)
    yield ""
    yield "## What the guide does not mention"
    yield ""
    yield from _rows(NOT_IN_THE_GUIDE, every)
    yield ""
    yield "## Alarms that send messages"
    yield ""
    yield "| alarm | consists of | sends to | when it is over, to |"
    yield "|---|---|---|---|"
    for each in composites:
        children = sum(one.route is each.route for one in every)
        over = f"`{each.ok_topic}`" if each.ok_topic else "-"
        yield f"| `{each.name}` | {children} alarms | `{each.alarm_topic}` | {over} |"
    for one in every:
        if one.route is AlarmRoute.SELF:
            yield f"| `{one.name}` | itself | `{names.alerts_topic}` | - |"
    yield ""
    yield "## All alarms"
    yield ""
    yield "| alarm | fires when | evaluation | route |"
    yield "|---|---|---|---|"
    for each in every:
        yield f"| `{each.name}` | {_condition(each)} | {_points(each)} | {each.route} |"
    yield ""
    yield "## Dashboard"
    yield ""
    for widget in dashboard(monitoring)["widgets"]:
        properties = widget["properties"]
        if properties.get("markdown", "").startswith("## "):
            yield f"- **{properties['markdown'].removeprefix('## ')}**"
        elif title := properties.get("title"):
            yield f"  - {title}"
    yield ""
    yield "## Saved queries"
    yield ""
    yield "| query | question |"
    yield "|---|---|"
    for query in monitoring.saved_queries:
        yield f"| `{names.prefix}/{query.key}` | {query.question} |"


def found(row: Row, every: Sequence[Alarm]) -> list[Alarm]:
    """The alarms of a row; where each function has one, the first."""
    return [next(each for each in every if each.description.anchor == key) for key in row.alarms]


def _rows(rows: Sequence[Row], every: Sequence[Alarm]) -> Iterator[str]:
    yield "| table | metric | threshold | alarm | on the dashboard |"
    yield "|---|---|---|---|---|"
    for row in rows:
        linked = ", ".join(
            f"[`{each.description.anchor}`](runbook.md#{each.description.anchor})"
            for each in found(row, every)
        )
        titles = ", ".join(title.rstrip(" /") for title in row.widgets)
        yield f"| {row.of} | {row.what} | {row.threshold} | {linked or '-'} | {titles or '-'} |"


def _condition(alarm: Alarm) -> str:
    compared = alarm.queries[alarm.compared]
    shown = compared if isinstance(compared, str) else f"{compared.statistic} of {compared.name}"
    return f"`{shown}` > {alarm.threshold:g} {alarm.unit}"


def _points(alarm: Alarm) -> str:
    judged = alarm.evaluation
    return f"{judged.points} of {judged.periods} x {judged.period} s, missing: {alarm.missing}"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
