"""Alarms on what users came for: executions that end well, in time.

What AWS/States says holds when our code is dead; beside it stand the rates that it cannot see, from
our own metrics. A rate needs FILL, for neither source sends zeroes, and a floor, for one of one is
no rate.
"""

from collections.abc import Iterator, Mapping

from components.monitoring.alarm_factory import Alarm, Service, Words, alarm
from components.monitoring.metric_factory import MetricFactory, MetricStat
from components.settings.sections import Alarms
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus

_TWO = 2
"""One execution in a period may be slow, or somebody's odd goal; two are not."""
_RUN_PERIODS = 2
_ACTIONS = 128
"""Two goals' worth: whoever tries again what had failed starts an execution of few actions."""
_MANY = 1_000_000
"""More executions than ever start in one period."""
_NOTICE_RUNS_FACTOR = 4
_MINUTE = 60
_HOUR = 3600
_SILENT_MINUTES = 8
"""A sweep comes every 5 minutes: one that is 3 minutes late does not come."""


def workflow_alarms(
    metrics: MetricFactory, settings: Alarms, timeout_seconds: int
) -> Iterator[Alarm]:
    """Of executions; `timeout_seconds`: an execution's own time-out."""
    failed = metrics.states("ExecutionsFailed")
    timed_out = metrics.states("ExecutionsTimedOut")
    succeeded = metrics.states("ExecutionsSucceeded")
    ended = {"failed": failed, "timedOut": timed_out, "succeeded": succeeded}
    yield alarm(
        metrics.names.prefix,
        "workflow-failure-rate-high",
        Words(
            "Too many executions fail. The log query errors-by-code says of what.",
            "失敗する実行が多すぎます。errors-by-code クエリで原因を確認してください。",
        ),
        _rate("failed", ended, settings),
        settings.failure_rate,
        settings=settings,
        service=Service.WORKFLOW,
        period=settings.run_period,
        periods=_RUN_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-timeout-high",
        Words(
            "Too many executions time out. Find what they wait for: model, database or functions.",
            "タイムアウトする実行が多すぎます。モデル・DB・Lambdaのどれを待つか確認してください。",
        ),
        _rate("timedOut", ended, settings),
        settings.timeout_rate,
        settings=settings,
        service=Service.WORKFLOW,
        period=settings.run_period,
        periods=_RUN_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-none-succeed",
        Words(
            "Executions start, none succeeds. Start one for a goal of your own and follow it.",
            "実行は開始されますが一つも成功していません。自分の目標で一度実行し、追跡してください。",
        ),
        {
            "started": metrics.states("ExecutionsStarted"),
            "aborted": metrics.states("ExecutionsAborted"),
            "succeeded": succeeded,
            # Whoever cancels and starts again is no outage. One difference instead of a comparison
            # for each: beside a metric that is there, one that was never sent counts as 0.
            "none": f"IF(FILL(started, 0) - FILL(aborted, 0) - {_MANY} * FILL(succeeded, 0)"
            f" >= {_TWO}, 1, 0)",
        },
        0,
        settings=settings,
        service=Service.WORKFLOW,
        unit="yes (1) or no (0)",
        # What starts in one period has ended in the next: two in a row are no burst at the end.
        period=max(900, -(-timeout_seconds // _MINUTE) * _MINUTE),
        points=2,
        periods=2,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-failed-actions-high",
        Words(
            "Too many actions fail for good. See errors-by-code; users can retry once it is gone.",
            "失敗するアクションが多すぎます。errors-by-code を確認し、解消後に再試行できます。",
        ),
        {
            "failed": metrics.own(MetricName.ACTIONS_FAILED),
            "saved": metrics.own(MetricName.ACTIONS_SUCCEEDED),
            "ended": "FILL(failed, 0) + FILL(saved, 0)",
            "rate": f"IF(ended >= {_ACTIONS}, 100 * FILL(failed, 0) / ended, 0)",
        },
        settings.failed_actions,
        settings=settings,
        service=Service.WORKFLOW,
        period=settings.run_period,
        periods=_RUN_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-deadline-cuts-high",
        Words(
            "The deadline cuts executions short: the model is slow or throttles. Raise the time-out"
            " or the quota.",
            "期限で打ち切られる実行が多すぎます。モデルの遅延かスロットリングです。"
            "タイムアウトかクォータを上げてください。",
        ),
        _share(
            metrics.own(MetricName.DEADLINE_CUTS),
            metrics.own(MetricName.EXECUTIONS_ENDED),
            settings.minimum_runs,
            settings.minimum_failures,
        ),
        settings.deadline_rate,
        settings=settings,
        service=Service.WORKFLOW,
        period=settings.run_period,
        periods=_RUN_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-reconcile-silent",
        Words(
            f"No sweep of open executions for {_SILENT_MINUTES} minutes: what dies now keeps its"
            " goal locked. Look at the log of workflow-reconcile and at its rule.",
            f"{_SILENT_MINUTES}分間、未完了の実行が確認されていません。停止した実行が目標を"
            "ロックし続けます。workflow-reconcile のログとルールを確認してください。",
        ),
        {
            "sweeps": metrics.own(MetricName.RECONCILE_LAG, "SampleCount"),
            "silent": "IF(FILL(sweeps, 0) < 1, 1, 0)",
        },
        0,
        settings=settings,
        service=Service.WORKFLOW,
        unit="yes (1) or no (0)",
        period=_MINUTE,
        points=_SILENT_MINUTES,
        periods=_SILENT_MINUTES,
        missing="breaching",
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-reconcile-lag-high",
        Words(
            "An execution is past its deadline and cannot be ended. See workflow-reconcile's log:"
            " mostly it is the database.",
            "期限を過ぎても終了できない実行があります。"
            "workflow-reconcile のログを確認してください。多くはデータベースが原因です。",
        ),
        {"lag": metrics.own(MetricName.RECONCILE_LAG, "Maximum")},
        settings.reconcile_lag,
        settings=settings,
        service=Service.WORKFLOW,
        unit="s",
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-execution-failed",
        Words(
            "Executions failed or timed out, too few to be a rate. Read one's story.",
            "率を求めるには少数ですが、失敗またはタイムアウトした実行があります。勤務時間内に"
            "経過を確認してください。",
        ),
        {
            "failed": failed,
            "timedOut": timed_out,
            "lost": "FILL(failed, 0) + FILL(timedOut, 0)",
        },
        0,
        settings=settings,
        service=Service.WORKFLOW,
        alarm_route=AlarmRoute.NOTICES,
        unit="executions",
        points=1,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-partial-rate-high",
        Words(
            "Nearly every execution loses some action. See errors-by-code: mostly bad answers.",
            "ほぼ全ての実行で一部が失敗しています。errors-by-code を確認してください。",
        ),
        _share(
            metrics.own(MetricName.EXECUTIONS_ENDED, only=ExecutionStatus.PARTIALLY_SUCCEEDED),
            metrics.own(MetricName.EXECUTIONS_ENDED),
            settings.minimum_runs * _NOTICE_RUNS_FACTOR,
            settings.minimum_failures,
        ),
        settings.partial_rate,
        settings=settings,
        service=Service.WORKFLOW,
        alarm_route=AlarmRoute.NOTICES,
        period=_HOUR,
        points=1,
        periods=1,
    )
    yield alarm(
        metrics.names.prefix,
        "workflow-execution-time-high",
        Words(
            "Executions take long. See slowest-actions, throttling and free functions.",
            "実行に時間がかかっています。slowest-actions とスロットリングを確認してください。",
        ),
        {"time": metrics.states("ExecutionTime", "Average")},
        settings.execution_time * 1000,
        settings=settings,
        service=Service.WORKFLOW,
        alarm_route=AlarmRoute.NOTICES,
        unit="ms",
    )


def _rate(
    bad: str, ended: Mapping[str, MetricStat], settings: Alarms
) -> dict[str, MetricStat | str]:
    total = " + ".join(f"FILL({each}, 0)" for each in ended)
    return {
        **ended,
        "ended": total,
        "rate": f"IF(ended >= {settings.minimum_runs}"
        f" AND FILL({bad}, 0) >= {settings.minimum_failures}, 100 * FILL({bad}, 0) / ended, 0)",
    }


def _share(
    bad: MetricStat, ended: MetricStat, minimum_runs: int, minimum_bad: int
) -> dict[str, MetricStat | str]:
    return {
        "bad": bad,
        "ended": ended,
        "rate": f"IF(FILL(ended, 0) >= {minimum_runs} AND FILL(bad, 0) >= {minimum_bad},"
        " 100 * FILL(bad, 0) / FILL(ended, 0), 0)",
    }
