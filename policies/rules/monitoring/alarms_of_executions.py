"""The alarms on executions, the model and the API, and those that escalate.

Sources: the guide's アラート設定 (failures 10 %, time-outs 5 %, errors of functions 5 %; periods of
5 minutes), よくある問題 1 to 5 (what else goes wrong) and 監視方法 (what is watched); the design's
Settings (what an operator may choose); components/monitoring/README.md (windows and floors).
"""

from dataclasses import replace

from policies.rules.monitoring.alarm_model import (
    Bounds,
    ExpectedAlarm,
    Limit,
    Over,
    Route,
    Unit,
    exactly,
)
from policies.rules.monitoring.conditions import Above, InVain, Rate, Silence
from policies.rules.monitoring.windows import (
    DAY,
    FIRST,
    HOUR,
    MINUTE,
    NEVER,
    NOTICE,
    RUNS,
    STAYS,
    USUAL,
    percent,
)

_OWN = "GoalMandala/Workflow"
_STATES = "AWS/States Executions"
_SWEEPS = f"{_OWN} ReconcileLag SampleCount"
_ENDED = (f"{_STATES}Failed Sum", f"{_STATES}TimedOut Sum", f"{_STATES}Succeeded Sum")


def _ended(bad: str) -> Rate:
    return Rate((bad,), tuple(each for each in _ENDED if each != bad), least=20)


_ESCALATED = (
    ExpectedAlarm(
        "workflow-reconcile-silent",
        Route.OUTAGE,
        Silence(_SWEEPS),
        NEVER,
        Over(exactly(MINUTE), Bounds(6, 10), Bounds(6, 10)),
        missing="breaching",
    ),
    ExpectedAlarm(
        "model-failure-rate-high",
        Route.OUTAGE,
        Rate(
            (f"{_OWN} FailedAttempts Sum",),
            (f"{_OWN} ActionsGenerated Sum",),
            excused=(f"{_OWN} FailedAttempts Sum MODEL_THROTTLED",),
        ),
        percent(20, 80, "modelFailureRate"),
        replace(RUNS, periods=Bounds(3, 6)),
    ),
    ExpectedAlarm(
        "model-throttles-high",
        Route.OUTAGE,
        Rate((f"{_OWN} ModelThrottles Sum",), (f"{_OWN} ModelLatency SampleCount",)),
        percent(20, 80, "modelThrottleRate"),
        replace(RUNS, periods=Bounds(3, 6)),
    ),
    ExpectedAlarm(
        "api-error-rate-high",
        Route.OUTAGE,
        Rate(("AWS/ApiGateway 5xx Sum",), ("AWS/ApiGateway Count Sum",), of_all=True, least=20),
        percent(2, 25, "apiErrorRate"),
        # requests come singly: twice the period of rates over executions
        Over(Bounds(600, 3600, "twiceRunPeriod"), exactly(1), exactly(1)),
    ),
)


def _stays(alarm: ExpectedAlarm) -> ExpectedAlarm:
    """The same over an hour, twice; silence needs no second one."""
    once = alarm.missing == "breaching"
    over = replace(STAYS, points=exactly(1), periods=exactly(1)) if once else STAYS
    return replace(alarm, key=f"{alarm.key}-stays", route=Route.ESCALATION, over=over)


_WORKFLOW = (
    ExpectedAlarm(
        "workflow-failure-rate-high",
        Route.OUTAGE,
        _ended(_ENDED[0]),
        percent(2, 40, "failureRate"),
        RUNS,
    ),
    ExpectedAlarm(
        "workflow-timeout-high",
        Route.OUTAGE,
        _ended(_ENDED[1]),
        percent(2, 40, "timeoutRate"),
        RUNS,
    ),
    ExpectedAlarm(
        "workflow-none-succeed",
        Route.OUTAGE,
        InVain(f"{_STATES}Started Sum", _ENDED[2], (f"{_STATES}Aborted Sum",)),
        NEVER,
        # what starts in one period has ended by the end of the next: at least the time-out
        Over(Bounds(900, 1800, "inVainPeriod"), exactly(2), exactly(2)),
    ),
    ExpectedAlarm(
        "workflow-failed-actions-high",
        Route.OUTAGE,
        Rate((f"{_OWN} ActionsFailed Sum",), (f"{_OWN} ActionsSucceeded Sum",), least=256),
        percent(2, 40, "failedActions"),
        RUNS,
    ),
    ExpectedAlarm(
        "workflow-deadline-cuts-high",
        Route.OUTAGE,
        Rate((f"{_OWN} DeadlineCuts Sum",), (f"{_OWN} ExecutionsEnded Sum",), of_all=True),
        percent(2, 40, "deadlineRate"),
        RUNS,
    ),
    ExpectedAlarm(
        "workflow-reconcile-swept",
        Route.CONDITION,
        Silence(_SWEEPS, for_ever=True),
        NEVER,
        Over(exactly(MINUTE), exactly(1), exactly(1)),
        missing="ignore",
    ),
    ExpectedAlarm(
        "workflow-reconcile-lag-high",
        Route.OUTAGE,
        Above((f"{_OWN} ReconcileLag Maximum",)),
        (Limit(Bounds(300, 900, "reconcileLag")),),
        USUAL,
    ),
    ExpectedAlarm(
        "workflow-execution-failed",
        Route.NOTICES,
        Above(_ENDED[:2]),
        NEVER,
        FIRST,
    ),
    ExpectedAlarm(
        "workflow-partial-rate-high",
        Route.NOTICES,
        Rate(
            (f"{_OWN} ExecutionsEnded Sum PARTIALLY_SUCCEEDED",),
            (f"{_OWN} ExecutionsEnded Sum",),
            of_all=True,
        ),
        percent(50, 99, "partialRate"),
        Over(exactly(HOUR), exactly(1), exactly(1)),
    ),
    ExpectedAlarm(
        "workflow-execution-time-high",
        Route.NOTICES,
        Above(("AWS/States ExecutionTime Average",)),
        (
            Limit(Bounds(300, 900, "executionTime"), Unit.SECONDS),
            Limit(Bounds(10, 95, "timeoutShare"), Unit.MACHINE_TIMEOUT),
        ),
        NOTICE,
    ),
    ExpectedAlarm(
        "model-cost-high",
        Route.SELF,
        Above((f"{_OWN} CostUsd Sum",)),
        (Limit(Bounds(2, 50, "dailyCost")),),
        Over(exactly(DAY), exactly(1), exactly(1)),
    ),
)

OF_EXECUTIONS = (*_WORKFLOW, *_ESCALATED, *map(_stays, _ESCALATED))
