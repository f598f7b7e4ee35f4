"""Over which time the workflow's alarms judge, as shapes that several of them share.

(guide: CloudWatch アラーム, 2 periods of 5 minutes; components/monitoring/README.md: windows)
"""

from policies.rules.monitoring.alarm_model import Bounds, Limit, Over, exactly

MINUTE, HOUR, DAY = 60, 3600, 86_400

NEVER = (Limit(exactly(0)),)
RUNS = Over(Bounds(300, 1800, "runPeriod"), exactly(1, "points"), Bounds(2, 4))
USUAL = Over(Bounds(60, 600, "period"), exactly(1, "points"), Bounds(3, 12, "periods"))
NOTICE = Over(
    Bounds(60, 600, "period"), Bounds(2, 3, "noticePoints"), Bounds(6, 24, "noticePeriods")
)
FIRST = Over(Bounds(60, 600, "period"), exactly(1), Bounds(6, 24, "noticePeriods"))
SUSTAINED = Over(exactly(MINUTE), Bounds(3, 5), Bounds(10, 15))
STAYS = Over(Bounds(1800, 7200, "escalation"), exactly(2), exactly(2))


def percent(low: float, high: float, setting: str) -> tuple[Limit, ...]:
    """A threshold in percent, which a setting may change."""
    return (Limit(Bounds(low, high, setting)),)
