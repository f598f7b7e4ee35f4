"""The state machine: do executions end well, and in time?

The metrics of AWS/States arrive even if no handler works. Rates over actions and endings need the
metrics of the handlers, which Step Functions does not know.
"""

from components.monitoring.alarm_factory import HOUR, MINUTE, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory, MetricStat
from components.monitoring.metric_math import filled, in_vain, rate, total
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.errors import ErrorCode
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus

_PERIODS = 2
_ACTIONS = 128
"""The actions of two goals: a retry of what failed starts an execution of few actions."""
_IN_VAIN = 2
"""One execution in a period may be slow, or its goal odd; two are neither."""
_IN_VAIN_SECONDS = 900
_PARTIAL_RATE_FACTOR = 4
"""On a good day each of a few executions may lose an action: so four times the usual floor."""


class StateMachineMonitoring:
    """Alarms and widgets of executions and the actions in them.

    timeout_seconds: an execution's own time-out.
    """

    def __init__(self, metrics: MetricFactory, alarms: AlarmFactory, timeout_seconds: int) -> None:
        self._metrics = metrics
        settings = alarms.settings
        self.failure_rate = alarms.alarm(
            "workflow-failure-rate-high",
            BilingualText(
                "Too many executions fail. The log query errors-by-code says of what.",
                "失敗する実行が多すぎます。errors-by-code クエリで原因を確認してください。",
            ),
            self._rate("failed", settings.minimum_runs, settings.minimum_failures),
            settings.failure_rate,
            evaluation=alarms.over_executions(_PERIODS),
        )
        self.timeout_rate = alarms.alarm(
            "workflow-timeout-high",
            BilingualText(
                "Too many executions time out. Find what they wait for: model, database or"
                " functions.",
                "タイムアウトする実行が多すぎます。モデル・DB・Lambdaのどれを待つか確認してください。",
            ),
            self._rate("timedOut", settings.minimum_runs, settings.minimum_failures),
            settings.timeout_rate,
            evaluation=alarms.over_executions(_PERIODS),
        )
        # A user who cancels and starts again is no outage.
        tried = f"{filled('started')} - {filled('aborted')}"
        none_succeed = alarms.alarm(
            "workflow-none-succeed",
            BilingualText(
                "Executions start, none succeeds. Start one for a goal of your own and follow it.",
                "実行は開始されますが一つも成功していません。自分の目標で一度実行し、追跡してください。",
            ),
            {
                "started": metrics.states("ExecutionsStarted"),
                "aborted": metrics.states("ExecutionsAborted"),
                "succeeded": metrics.states("ExecutionsSucceeded"),
                "none": in_vain(tried, "succeeded", _IN_VAIN),
            },
            0,
            unit="yes (1) or no (0)",
            # What starts in one period has ended by the end of the next one. So one period may be
            # in vain because a burst of starts came at its end; two in a row are not.
            evaluation=Evaluation(max(_IN_VAIN_SECONDS, _whole_minutes(timeout_seconds)), 2, 2),
        )
        self.failed_actions = alarms.alarm(
            "workflow-failed-actions-high",
            BilingualText(
                "Too many actions fail for good. See errors-by-code; users can retry once it is"
                " gone.",
                "失敗するアクションが多すぎます。errors-by-code を確認し、解消後に再試行できます。",
            ),
            {
                "failed": metrics.own(MetricName.ACTIONS_FAILED),
                "saved": metrics.own(MetricName.ACTIONS_SUCCEEDED),
                "ended": total(["failed", "saved"]),
                "rate": rate(filled("failed"), "ended", {"ended": _ACTIONS}),
            },
            settings.failed_actions,
            evaluation=alarms.over_executions(_PERIODS),
        )
        deadline_cuts = alarms.alarm(
            "workflow-deadline-cuts-high",
            BilingualText(
                "The deadline cuts executions short: the model is slow or throttles. Raise the"
                " time-out or the quota.",
                "期限で打ち切られる実行が多すぎます。モデルの遅延かスロットリングです。"
                "タイムアウトかクォータを上げてください。",
            ),
            self._share(
                metrics.own(MetricName.DEADLINE_CUTS),
                settings.minimum_runs,
                settings.minimum_failures,
            ),
            settings.deadline_rate,
            evaluation=alarms.over_executions(_PERIODS),
        )
        some_failed = alarms.alarm(
            "workflow-execution-failed",
            BilingualText(
                "Executions failed or timed out, too few to be a rate. Read one's story.",
                "率を求めるには少数ですが、失敗またはタイムアウトした実行があります。勤務時間内に"
                "経過を確認してください。",
            ),
            {
                "failed": metrics.states("ExecutionsFailed"),
                "timedOut": metrics.states("ExecutionsTimedOut"),
                "lost": total(["failed", "timedOut"]),
            },
            0,
            route=AlarmRoute.NOTICES,
            unit="executions",
            evaluation=alarms.first_occurrence(),
        )
        partial_rate = alarms.alarm(
            "workflow-partial-rate-high",
            BilingualText(
                "Nearly every execution loses some action. See errors-by-code: mostly bad answers.",
                "ほぼ全ての実行で一部が失敗しています。errors-by-code を確認してください。",
            ),
            self._share(
                metrics.own(MetricName.EXECUTIONS_ENDED, only=ExecutionStatus.PARTIALLY_SUCCEEDED),
                settings.minimum_runs * _PARTIAL_RATE_FACTOR,
                settings.minimum_failures,
            ),
            settings.partial_rate,
            route=AlarmRoute.NOTICES,
            evaluation=Evaluation(HOUR),
        )
        self.execution_time = alarms.alarm(
            "workflow-execution-time-high",
            BilingualText(
                "Executions take long. See slowest-actions, throttling and free functions.",
                "実行に時間がかかっています。slowest-actions とスロットリングを確認してください。",
            ),
            {"time": metrics.states("ExecutionTime", "Average")},
            # above the time-out it could never fire
            1000 * min(settings.execution_time, timeout_seconds * settings.timeout_share / 100),
            route=AlarmRoute.NOTICES,
            unit="ms",
        )
        self.outages = (
            self.failure_rate,
            self.timeout_rate,
            none_succeed,
            self.failed_actions,
            deadline_cuts,
        )
        self.notices = (some_failed, partial_rate, self.execution_time)

    def executions_graph(self) -> GraphWidget:
        """How many started, and how they ended."""
        counted = ("Started", "Succeeded", "Failed", "TimedOut", "Aborted")
        return GraphWidget(
            "実行 / Executions",
            {each: self._metrics.states(f"Executions{each}") for each in counted},
        )

    def failure_rate_graph(self) -> GraphWidget:
        """Failed executions, in percent."""
        return alarm_graph("失敗率 / Failure rate", self.failure_rate)

    def timeout_rate_graph(self) -> GraphWidget:
        """Executions that timed out, in percent."""
        return alarm_graph("タイムアウト率 / Time-out rate", self.timeout_rate)

    def execution_time_graph(self) -> GraphWidget:
        """How long executions take."""
        return alarm_graph(
            "実行時間 / Execution time",
            self.execution_time,
            {"p95": self._metrics.states("ExecutionTime", "p95")},
        )

    def failed_actions_graph(self) -> GraphWidget:
        """Failed actions, in percent; beside them the worst execution's."""
        return alarm_graph(
            "失敗したアクション / Failed actions",
            self.failed_actions,
            {"worst": self._metrics.own(MetricName.FAILED_ACTIONS_SHARE, "Maximum")},
        )

    def error_codes_graph(self) -> GraphWidget:
        """Failed actions by error code."""
        return GraphWidget(
            "失敗の理由 / Failed actions by code",
            {
                code.value: self._metrics.own(MetricName.ACTIONS_FAILED, only=code)
                for code in ErrorCode
            },
            stacked=True,
        )

    def endings_graph(self) -> GraphWidget:
        """Executions by the status that they ended with."""
        ended = [each for each in ExecutionStatus if each is not ExecutionStatus.RUNNING]
        return GraphWidget(
            "終わり方 / Endings",
            {
                **{
                    status.value: self._metrics.own(MetricName.EXECUTIONS_ENDED, only=status)
                    for status in ended
                },
                "cut by the deadline": self._metrics.own(MetricName.DEADLINE_CUTS),
            },
            stacked=True,
        )

    def _rate(self, bad: str, minimum: int, minimum_bad: int) -> dict[str, MetricStat | str]:
        """Of all executions that ended by Step Functions' count: those that ended like this."""
        ended = {
            "failed": self._metrics.states("ExecutionsFailed"),
            "timedOut": self._metrics.states("ExecutionsTimedOut"),
            "succeeded": self._metrics.states("ExecutionsSucceeded"),
        }
        floors = {"ended": minimum, filled(bad): minimum_bad}
        return {**ended, "ended": total(ended), "rate": rate(filled(bad), "ended", floors)}

    def _share(
        self, bad: MetricStat, minimum: int, minimum_bad: int
    ) -> dict[str, MetricStat | str]:
        """Of all executions that ended by our own count: these."""
        floors = {filled("ended"): minimum, filled("bad"): minimum_bad}
        return {
            "bad": bad,
            "ended": self._metrics.own(MetricName.EXECUTIONS_ENDED),
            "rate": rate(filled("bad"), filled("ended"), floors),
        }


def _whole_minutes(seconds: int) -> int:
    return -(-seconds // MINUTE) * MINUTE
