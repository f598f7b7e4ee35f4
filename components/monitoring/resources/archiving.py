"""The archive of executions: does the schedule come, and is everything copied that is due?"""

from components.monitoring.alarm_factory import DAY, HOUR, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName


class ArchivingMonitoring:
    """Alarms and widgets of workflow-archive."""

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory) -> None:
        self._metrics = metrics
        runs = metrics.own(MetricName.ARCHIVE_LAG, "SampleCount")
        self.ran = alarms.alarm(
            "workflow-archive-ran",
            BilingualText(
                "OK since the first run of workflow-archive, and for ever: without data it keeps"
                " its state. Until then no run is late. It sends nothing.",
                "最初のアーカイブが行われると OK になり、そのまま変わりません。"
                "それまでは遅れを通知しません。このアラーム自体は通知しません。",
            ),
            {"runs": runs, "none": "IF(runs > 0, 0, 1)"},
            0,
            route=AlarmRoute.CONDITION,
            unit="yes (1) or no (0)",
            evaluation=Evaluation(HOUR),
            anchor="workflow-archive-silent",
            missing="ignore",
        )
        self.silent = alarms.alarm(
            "workflow-archive-silent",
            BilingualText(
                "No execution has been archived for a day: the table deletes them when they"
                " expire. Look at the log of workflow-archive and at its rule.",
                "1日間、実行がアーカイブされていません。期限が来ると表から削除されます。"
                "workflow-archive のログとルールを確認してください。",
            ),
            {"runs": runs, "silent": f"IF({filled('runs')} < 1, 1, 0)"},
            0,
            route=AlarmRoute.UNDELIVERED,
            unit="yes (1) or no (0)",
            evaluation=Evaluation(DAY),
            missing="breaching",
            once_ok=self.ran.name,
        )
        self.lag = alarms.alarm(
            "workflow-archive-lag-high",
            BilingualText(
                "Executions wait to be archived. See workflow-archive's log: it names them, and"
                " the error.",
                "アーカイブされていない実行があります。"
                "workflow-archive のログで対象とエラーを確認してください。",
            ),
            {"lag": metrics.own(MetricName.ARCHIVE_LAG, "Maximum")},
            alarms.settings.archive_lag,
            route=AlarmRoute.UNDELIVERED,
            unit="s",
            evaluation=Evaluation(HOUR, 1, 6),
        )
        self.alarms = (self.ran, self.silent, self.lag)

    def lag_graph(self) -> GraphWidget:
        """How long the oldest execution is due for the archive; how many were copied."""
        return alarm_graph(
            "アーカイブの遅れ / Archive lag",
            self.lag,
            {"archived": self._metrics.own(MetricName.EXECUTIONS_ARCHIVED)},
        )
