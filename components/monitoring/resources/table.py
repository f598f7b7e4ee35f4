"""The table and its indexes: an index that is short of capacity throttles the table."""

from collections.abc import Iterator

from components.monitoring.alarm_factory import SUSTAINED, SUSTAINED_MINUTES, Alarm, AlarmFactory
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, total_of_many
from components.settings import TableSettings
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName
from handlers.contract.table_keys import INDEXES

_OPERATIONS = ("BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")
"""What our functions and the state machine call."""


class TableMonitoring:
    """Alarms and widgets of the table of executions."""

    def __init__(
        self, metrics: MetricFactory, alarms: AlarmFactory, settings: TableSettings
    ) -> None:
        self._metrics = metrics
        self._factory = alarms
        throttles = {
            f"{kind[0].lower()}{number}": metrics.table(f"{kind}ThrottleEvents", index=index)
            for kind in ("Read", "Write")
            for number, index in enumerate((None, *INDEXES))
        }
        throttled = alarms.alarm(
            "table-throttled",
            BilingualText(
                f"DynamoDB throttles the table or an index for {SUSTAINED_MINUTES} minutes. Raise"
                " the capacity or set table.billing to onDemand; on demand, look for one hot goal.",
                f"DynamoDBのスロットリングが{SUSTAINED_MINUTES}分続いています。容量を増やすか"
                " table.billing を onDemand にしてください。",
            ),
            {**throttles, "throttles": total_of_many(throttles)},
            alarms.settings.throttles,
            unit="requests",
            evaluation=SUSTAINED,
        )
        errors = {
            f"e{number}": metrics.table("SystemErrors", operation=operation)
            for number, operation in enumerate(_OPERATIONS)
        }
        system_errors = alarms.alarm(
            "table-system-errors",
            BilingualText(
                f"DynamoDB itself has failed for {SUSTAINED_MINUTES} minutes. See AWS's Health"
                " Dashboard; what is under way is retried and, in the end, reconciled.",
                f"DynamoDB自体のエラーが{SUSTAINED_MINUTES}分続いています。AWS Health Dashboard を"
                "確認してください。処理中の実行は再試行・回復されます。",
            ),
            {**errors, "errors": total_of_many(errors)},
            alarms.settings.system_errors,
            unit="requests",
            evaluation=SUSTAINED,
        )
        user_errors = alarms.alarm(
            "table-user-errors",
            BilingualText(
                "DynamoDB refused requests of ours as wrong: a defect, or a permission that is"
                " missing. Look for ERROR in the functions' logs since the last deployment.",
                "DynamoDBが不正なリクエストとして拒否しました。不具合か権限不足です。直近のデプロイ"
                "以降のエラーログを確認してください。",
            ),
            {"errors": metrics.own(MetricName.TABLE_USER_ERRORS)},
            alarms.settings.user_errors,
            route=AlarmRoute.NOTICES,
            unit="requests",
            evaluation=alarms.first_occurrence(),
        )
        self._capacities = {
            kind: self._capacity(kind, of_table, of_index)
            for kind, of_table, of_index in _provisioned(settings)
        }
        self.alarms = (throttled, system_errors, user_errors, *self._capacities.values())

    def read_capacity_graph(self) -> GraphWidget:
        """Consumed read capacity."""
        return self._capacity_graph("Read", "読み取り容量 / Read capacity")

    def write_capacity_graph(self) -> GraphWidget:
        """Consumed write capacity."""
        return self._capacity_graph("Write", "書き込み容量 / Write capacity")

    def throttles_graph(self) -> GraphWidget:
        """Throttled reads and writes of the table and of each index."""
        return GraphWidget(
            "DynamoDBのスロットリング / Table throttles",
            {
                f"{index or 'table'} {kind.lower()}": self._metrics.table(
                    f"{kind}ThrottleEvents", index=index
                )
                for index in (None, *INDEXES)
                for kind in ("Read", "Write")
            },
            annotations={"table-throttled": self._factory.settings.throttles},
            stacked=True,
        )

    def errors_graph(self) -> GraphWidget:
        """Errors of DynamoDB by operation, and requests that it refused."""
        return GraphWidget(
            "DynamoDBのエラー / Table errors",
            {
                **{
                    f"system, {each}": self._metrics.table("SystemErrors", operation=each)
                    for each in _OPERATIONS
                },
                "user, ours": self._metrics.own(MetricName.TABLE_USER_ERRORS),
                "user, account": self._metrics.account_user_errors(),
            },
            annotations={"table-user-errors": self._factory.settings.user_errors},
        )

    def _capacity(self, kind: str, of_table: int, of_index: int) -> Alarm:
        capacities = {None: of_table, **dict.fromkeys(INDEXES, of_index)}
        consumed = {
            f"c{number}": self._metrics.table(f"Consumed{kind}CapacityUnits", index=index)
            for number, index in enumerate(capacities)
        }
        seconds = self._factory.settings.period
        shares = {
            f"share{number}": f"100 * {filled(f'c{number}')} / {capacity * seconds}"
            for number, capacity in enumerate(capacities.values())
        }
        return self._factory.alarm(
            f"table-{kind.lower()}-capacity-high",
            BilingualText(
                f"The {kind.lower()} capacity of the table or an index is nearly used up. Raise"
                " it, or set table.billing to onDemand.",
                "テーブルまたはインデックスの容量が上限に近づいています。容量を増やすか"
                " table.billing を onDemand にしてください。",
            ),
            {**consumed, **shares, "share": f"MAX([{', '.join(shares)}])"},
            self._factory.settings.dynamo_capacity,
            route=AlarmRoute.NOTICES,
        )

    def _capacity_graph(self, kind: str, title: str) -> GraphWidget:
        if alarm := self._capacities.get(kind):
            return alarm_graph(title, alarm)
        return GraphWidget(  # on demand there is no capacity to take a share of
            title,
            {
                index or "table": self._metrics.table(f"Consumed{kind}CapacityUnits", index=index)
                for index in (None, *INDEXES)
            },
            stacked=True,
        )


def _provisioned(settings: TableSettings) -> Iterator[tuple[str, int, int]]:
    if settings.billing == "provisioned":
        yield "Read", settings.read, settings.index_read
        yield "Write", settings.write, settings.index_write
