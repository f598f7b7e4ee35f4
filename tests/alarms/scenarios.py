"""The samples of each alarm's metrics in one period: over its threshold, at it, below its floor.

By the alarm's section in the runbook, which all functions' alarms of one kind share. The thresholds
are those of the default settings: the guide's where it names one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.monitoring.resources.functions import timeout_seconds
from components.settings import GenerationSettings
from handlers.contract.functions import FUNCTIONS

Samples = Mapping[str, Sequence[float]]
"""Id of a metric in the alarm -> the samples of one period."""


@dataclass(frozen=True)
class Scenario:
    """The kinds of periods between which an alarm must distinguish.

    over: each breaches. under: none does: at the threshold, below the floor of a rate, or many in
        number but few in percent.
    healthy_every: n: the good samples come in every n-th period only.
    silence_breaches: the alarm fires because there are no samples.
    """

    over: tuple[Samples, ...]
    under: tuple[Samples, ...]
    healthy_every: int = 1
    silence_breaches: bool = False


def ones(count: int) -> list[float]:
    """Samples of a counter: so many ones."""
    return [1.0] * count


def _near_timeout(timeout: int) -> Scenario:
    fast, slow = 1000.0, timeout * 800 + 1.0
    return Scenario(
        over=({"duration": [fast] * 93 + [slow] * 7},),
        under=({"duration": [fast] * 96 + [slow] * 4}, {"duration": [slow - 1] * 9}),
    )


SCENARIOS: dict[str, Scenario] = {
    "backup-failed": Scenario(
        over=({"b0": ones(1)}, {"b1": ones(1)}, {"b2": ones(1)}), under=({},)
    ),
    "backup-silent": Scenario(over=({},), under=({"made": ones(1)},), silence_breaches=True),
    # guide: ExecutionsFailed > 10 %, ExecutionsTimedOut > 5 %, ExecutionTime > 10 min
    "workflow-failure-rate-high": Scenario(
        over=(
            {"failed": ones(11), "succeeded": ones(89)},
            {"failed": ones(5)},
        ),
        under=(
            {"failed": ones(10), "succeeded": ones(90)},
            {"failed": ones(40), "succeeded": ones(960)},
            {"failed": ones(4)},
            {"failed": ones(4), "succeeded": ones(6)},
        ),
    ),
    "workflow-timeout-high": Scenario(
        over=({"timedOut": ones(6), "succeeded": ones(94)}, {"timedOut": ones(5)}),
        under=(
            {"timedOut": ones(5), "succeeded": ones(95)},
            {"timedOut": ones(20), "succeeded": ones(480)},
            {"timedOut": ones(4)},
            {"timedOut": ones(4), "succeeded": ones(9)},
        ),
    ),
    "workflow-execution-time-high": Scenario(
        over=({"time": [600_001.0]}, {"time": [900_000.0, 400_000.0]}),
        under=({"time": [600_000.0]}, {"time": [890_000.0, 30_000.0]}),
    ),
    "workflow-none-succeed": Scenario(
        over=({"started": ones(2)}, {"started": ones(40), "aborted": ones(3)}),
        under=(
            {"started": ones(40), "succeeded": ones(1)},
            {"started": ones(1)},
            {"started": ones(5), "aborted": ones(4)},
            {},
        ),
    ),
    "workflow-failed-actions-high": Scenario(
        over=({"failed": ones(13), "saved": ones(115)}, {"failed": ones(128)}),
        under=({"failed": ones(32), "saved": ones(288)}, {"failed": ones(127)}),
    ),
    "workflow-deadline-cuts-high": Scenario(
        over=({"bad": ones(6), "ended": ones(94 + 6)},),
        under=(
            {"bad": ones(5), "ended": ones(100)},
            {"bad": ones(4), "ended": ones(4)},
            {"bad": ones(4), "ended": ones(50)},
        ),
    ),
    "workflow-partial-rate-high": Scenario(
        over=({"bad": ones(20), "ended": ones(20)},),
        under=(
            {"bad": ones(19), "ended": ones(20)},
            {"bad": ones(19), "ended": ones(19)},
            {"bad": ones(150), "ended": ones(200)},
        ),
    ),
    "workflow-execution-failed": Scenario(
        over=({"failed": ones(1)}, {"timedOut": ones(1)}), under=({},)
    ),
    "workflow-reconcile-silent": Scenario(
        over=({},), under=({"sweeps": [0.0]},), healthy_every=5, silence_breaches=True
    ),
    "workflow-reconcile-lag-high": Scenario(
        over=({"lag": [361.0]},), under=({"lag": [360.0]}, {"lag": [0.0]})
    ),
    "workflow-archive-silent": Scenario(
        over=({},), under=({"runs": [0.0]},), silence_breaches=True
    ),
    "workflow-archive-lag-high": Scenario(
        over=({"lag": [86_401.0]},), under=({"lag": [86_400.0]}, {"lag": [0.0]})
    ),
    "model-failure-rate-high": Scenario(
        over=({"failed": ones(51), "generated": ones(49)}, {"failed": ones(20)}),
        under=(
            {"failed": ones(50), "generated": ones(50)},
            {"failed": ones(19)},
            {"failed": ones(80), "throttled": ones(80), "generated": ones(20)},
            {"failed": ones(80), "throttled": ones(30), "generated": ones(20)},
        ),
    ),
    "model-throttles-high": Scenario(
        over=({"throttles": ones(51), "answered": [900.0] * 49}, {"throttles": ones(20)}),
        under=(
            {"throttles": ones(50), "answered": [900.0] * 50},
            {"throttles": ones(19)},
        ),
    ),
    "model-cost-high": Scenario(
        over=({"cost": [0.25] * 40 + [0.01]},), under=({"cost": [0.25] * 40},)
    ),
    # guide: Errors > 5 %, Duration > 30 s, Throttles > 0, ConcurrentExecutions > 80 %
    "lambda-error-rate-high": Scenario(
        over=({"errors": ones(6), "calls": ones(100)}, {"errors": ones(2), "calls": ones(2)}),
        under=(
            {"errors": ones(5), "calls": ones(100)},
            {"errors": ones(50), "calls": ones(1000)},
            {"errors": ones(1), "calls": ones(1)},
        ),
    ),
    "lambda-duration-high": Scenario(
        over=({"duration": [30_001.0]},),
        under=({"duration": [30_000.0]}, {"duration": [50_000.0, 2_000.0]}),
    ),
    "functions-throttled": Scenario(
        over=tuple({f"f{number}": ones(1)} for number in range(len(FUNCTIONS))),
        under=tuple({f"f{number}": [0.0]} for number in range(len(FUNCTIONS))),
    ),
    "account-concurrency-high": Scenario(
        over=({"running": [801.0]},), under=({"running": [800.0]},)
    ),
    "lambda-concurrency-high": Scenario(over=({"running": [21.0]},), under=({"running": [20.0]},)),
    # guide: Consumed capacity > 80 %, UserErrors > 0, SystemErrors > 0; 300 s of 10 and of 5 units
    "table-read-capacity-high": Scenario(
        over=({"c0": [2401.0]}, *({f"c{index}": [1201.0]} for index in (1, 2, 3))),
        under=({"c0": [2400.0], "c1": [1200.0]},),
    ),
    "table-write-capacity-high": Scenario(
        over=({"c0": [2401.0]}, *({f"c{index}": [1201.0]} for index in (1, 2, 3))),
        under=({"c0": [2400.0], "c1": [1200.0]},),
    ),
    "table-throttled": Scenario(
        over=tuple({f"{kind}{part}": ones(1)} for kind in "rw" for part in range(4)),
        under=({},),
    ),
    "table-system-errors": Scenario(
        over=tuple({f"e{operation}": ones(1)} for operation in range(5)), under=({},)
    ),
    "table-user-errors": Scenario(over=({"errors": ones(1)},), under=({"errors": [0.0]}, {})),
    "api-error-rate-high": Scenario(
        over=(
            {"errors": ones(6), "requests": ones(100)},
            {"errors": ones(5), "requests": ones(5)},
        ),
        under=(
            {"errors": ones(5), "requests": ones(100)},
            {"errors": ones(40), "requests": ones(1000)},
            {"errors": ones(4), "requests": ones(4)},
        ),
    ),
    "reconcile-dead-letters": Scenario(over=({"waiting": [1.0]},), under=({"waiting": [0.0]},)),
    "archive-dead-letters": Scenario(over=({"waiting": [1.0]},), under=({"waiting": [0.0]},)),
    "slack-dead-letters": Scenario(over=({"waiting": [1.0]},), under=({"waiting": [0.0]},)),
    "slack-failing": Scenario(
        over=({"failures": ones(3)},),
        under=({"failures": ones(9), "messages": ones(1)}, {"failures": ones(2)}),
    ),
    "topic-deliveries-failed": Scenario(
        over=({"t0": ones(1)}, {"t1": ones(1)}), under=({"t0": [0.0]},)
    ),
}

NEAR_TIMEOUT = {
    f"lambda-near-timeout-{spec.name}": _near_timeout(timeout_seconds(spec, GenerationSettings()))
    for spec in FUNCTIONS
}
"""By the alarm's key: each function has its own time-out."""
