"""The backups of the table: are they made, and does none fail?"""

from components.monitoring.alarm_factory import DAY, HOUR, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, total_of_many
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText

_BAD_ENDS = ("Failed", "Expired", "Aborted")
"""AWS Backup counts jobs that ended without a backup under three names; one that could not start in
time has expired. It reports a number only where it is not 0, every 5 minutes (AWS Backup Developer
Guide: metrics with Amazon CloudWatch)."""


class BackupsMonitoring:
    """Alarms and widgets of the vault."""

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory) -> None:
        self._made = metrics.backup_jobs("Completed")
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
        self.silent = alarms.alarm(
            "backup-silent",
            BilingualText(
                "No backup of the table was made for two days. Look at the plan's selection and at"
                " the jobs of the vault. A new stack has none until the first one, at night.",
                "2日間、表のバックアップが作られていません。プランの選択とボールトのジョブを"
                "確認してください。新しいスタックでは最初のバックアップまで続きます。",
            ),
            {"made": self._made, "silent": f"IF({filled('made')} < 1, 1, 0)"},
            0,
            route=AlarmRoute.CHORES,
            unit="yes (1) or no (0)",
            # The day of a backup shifts by the hours in which a job may start and end.
            evaluation=Evaluation(DAY, 2, 2),
            missing="breaching",
        )
        self.alarms = (self.failed, self.silent)

    def jobs_graph(self) -> GraphWidget:
        """Backups that failed and that were made."""
        return alarm_graph("バックアップ / Backups", self.failed, {"made": self._made})
