"""The backups of the table: does none fail?"""

from components.monitoring.alarm_factory import HOUR, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import total_of_many
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText

_BAD_ENDS = ("Failed", "Expired", "Aborted")
"""AWS Backup counts jobs that ended without a backup under three names; one that could not start in
time has expired."""


class BackupsMonitoring:
    """Alarms and widgets of the vault."""

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory) -> None:
        self._metrics = metrics
        bad = {f"b{number}": metrics.backup_jobs(end) for number, end in enumerate(_BAD_ENDS)}
        self.failed = alarms.alarm(
            "backup-failed",
            BilingualText(
                "A backup of the table failed. Its job in AWS Backup says why.",
                "表のバックアップが失敗しました。AWS Backup のジョブで理由を確認してください。",
            ),
            {**bad, "failed": total_of_many(bad)},
            0,
            route=AlarmRoute.UNDELIVERED,
            unit="jobs",
            evaluation=Evaluation(HOUR, 1, 6),
        )
        self.alarms = (self.failed,)

    def jobs_graph(self) -> GraphWidget:
        """Backups that failed and that were made."""
        made = self._metrics.backup_jobs("Completed")
        return alarm_graph("バックアップ / Backups", self.failed, {"made": made})
