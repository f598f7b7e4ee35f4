"""Mutants for `policies.rules.monitoring.other_alarms`."""

from tests.policies.added_alarm import alarm
from tests.policies.mutants.alarms.firing import band, on
from tests.policies.mutate import Mutant, unchanged

OTHERS = "monitoring-other-alarms"
_FIVE = {"threshold": 5}

MUTANTS = (
    Mutant(OTHERS, "a rate of one of one", on("100 * errors / calls", **_FIVE)),
    Mutant(
        OTHERS,
        "a condition that is turned round",
        on("IF(errors >= 5 AND calls < errors, 100 * errors / calls, 0)", **_FIVE),
    ),
    Mutant(
        OTHERS,
        "a rate of what went well",
        on("IF(calls > 9, 100 * (calls - errors) / calls, 0)", **_FIVE),
    ),
    Mutant(OTHERS, "tried in vain, with the wrong sign", on("calls + 1000000 * errors")),
    Mutant(
        OTHERS,
        "a rate with a floor",
        on("IF(errors >= 5, 100 * errors / calls, 0)", **_FIVE),
        near_miss=True,
    ),
    Mutant(
        OTHERS,
        "a rate without a floor, three times",
        on("100 * errors / calls", **_FIVE, evaluationPeriods=3),
        near_miss=True,
    ),
    Mutant(OTHERS, "the sum of faults", on("SUM([errors, 0 * calls])"), near_miss=True),
    Mutant(OTHERS, "an anomaly", band("GreaterThanUpperThreshold"), near_miss=True),
    Mutant(OTHERS, "an alarm on one metric", alarm(), near_miss=True),
    Mutant(OTHERS, "the program as it is", unchanged, near_miss=True),
)
