"""The reconciliation of executions: does the sweep come, and can it end what it finds?"""

from components.monitoring.alarm_factory import MINUTE, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName
from handlers.contract.timing import SWEEP_MINUTES

_SILENT_MINUTES = SWEEP_MINUTES + 3
"""A sweep that is three minutes late does not come any more."""


class ReconciliationMonitoring:
    """Alarms and widgets of workflow-reconcile's sweep."""

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory) -> None:
        self._metrics = metrics
        sweeps = metrics.own(MetricName.RECONCILE_LAG, "SampleCount")
        self.swept = alarms.alarm(
            "workflow-reconcile-swept",
            BilingualText(
                "OK since the first sweep of open executions, and for ever: without data it keeps"
                " its state. Until then no sweep is late. It sends nothing.",
                "最初の確認が行われると OK になり、そのまま変わりません。"
                "それまでは確認の遅れを通知しません。このアラーム自体は通知しません。",
            ),
            {"sweeps": sweeps, "unswept": "IF(sweeps > 0, 0, 1)"},
            0,
            route=AlarmRoute.CONDITION,
            unit="yes (1) or no (0)",
            evaluation=Evaluation(MINUTE),
            anchor="workflow-reconcile-silent",
            missing="ignore",
        )
        self.silent = alarms.alarm(
            "workflow-reconcile-silent",
            BilingualText(
                f"No sweep of open executions for {_SILENT_MINUTES} minutes: what dies now keeps"
                " its goal locked. Look at the log of workflow-reconcile and at its rule.",
                f"{_SILENT_MINUTES}分間、未完了の実行が確認されていません。停止した実行が目標を"
                "ロックし続けます。workflow-reconcile のログとルールを確認してください。",
            ),
            {
                "sweeps": sweeps,
                "silent": f"IF({filled('sweeps')} < 1, 1, 0)",
            },
            0,
            unit="yes (1) or no (0)",
            evaluation=Evaluation(MINUTE, _SILENT_MINUTES, _SILENT_MINUTES),
            missing="breaching",
            once_ok=self.swept.name,
        )
        self.lag = alarms.alarm(
            "workflow-reconcile-lag-high",
            BilingualText(
                "An execution is past its deadline and cannot be ended. See workflow-reconcile's"
                " log: mostly it is the database.",
                "期限を過ぎても終了できない実行があります。"
                "workflow-reconcile のログを確認してください。多くはデータベースが原因です。",
            ),
            {"lag": metrics.own(MetricName.RECONCILE_LAG, "Maximum")},
            alarms.settings.reconcile_lag,
            unit="s",
        )
        self.alarms = (self.swept, self.silent, self.lag)

    def lag_graph(self) -> GraphWidget:
        """How long the oldest open execution is past its deadline; sweeps and what they ended."""
        return alarm_graph(
            "回収の遅れ / Reconcile lag",
            self.lag,
            {
                "sweeps": self._metrics.own(MetricName.RECONCILE_LAG, "SampleCount"),
                "healed": self._metrics.own(MetricName.EXECUTIONS_HEALED),
            },
        )
