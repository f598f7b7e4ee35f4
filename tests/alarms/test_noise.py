"""How often a person is called: never on good days; soon, and few times, in an outage."""

import math
import random
from collections.abc import Callable, Iterable

import pytest

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmState,
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)
from localcloud.aws.cloudwatch.monitor import Monitor
from tests.alarms.replay import MINUTE, Change, replay
from tests.alarms.stack import NAMES, Declared
from tests.alarms.traffic import Outage, Traffic, Trouble
from tests.metric_store import MetricStore

MIDNIGHT = 1_764_028_800.0
HOUR, DAY = 3600, 86_400
BEFORE = 4 * HOUR
"""Traffic before a simulation begins: it fills the periods that alarms look back over."""
BUSIEST_HOUR = 40.0
ALERTS = f"workflow-alerts-{NAMES.environment}"

RecordProperty = Callable[[str, object], None]


def _api_id(declared: Declared) -> str:
    alarm = declared[f"{NAMES.prefix}-api-error-rate-high"]
    assert isinstance(alarm, MetricAlarmDefinition)
    query = alarm.metrics["errors"]
    assert query.metric
    return dict(query.metric.dimensions)["ApiId"]


def _of_a_day(moment: float) -> float:
    """Starts an hour: fewest at night, most in the afternoon."""
    share = 0.5 - 0.5 * math.cos((moment % DAY / DAY - 3 / 24) * 2 * math.pi)
    return max(BUSIEST_HOUR * share**1.5, 1.0)


def _pages(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if any(topic.endswith(ALERTS) for topic in change.topics)]


def _days(declared: Declared, days: float, seed: int) -> tuple[int, list[Change]]:
    """The number of executions in so many days of normal traffic, and the alarms' changes."""
    store = MetricStore()
    chance = random.Random(seed)
    traffic = Traffic(NAMES, store, _api_id(declared), _of_a_day, chance=chance)
    started = traffic.run(MIDNIGHT - BEFORE, MIDNIGHT + days * DAY)
    return started, replay(declared.values(), store, MIDNIGHT, int(days * DAY) // MINUTE)


def test_half_a_day_of_normal_traffic_sends_no_page(declared: Declared) -> None:
    started, changes = _days(declared, days=0.5, seed=1)

    assert started > 100
    assert _pages(changes) == []
    # the simulated metrics reach the alarms: failing actions fire a notice
    assert any(change.new is AlarmState.ALARM for change in changes)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_month_of_normal_traffic_sends_no_page(
    declared: Declared, record_property: RecordProperty
) -> None:
    started, changes = _days(declared, days=30, seed=2)
    notices = [change for change in changes if change.topics and change not in _pages(changes)]

    record_property(
        "Alarms in a simulated month of normal traffic, 2 % of actions failing",
        f"{started} executions: {len(_pages(changes))} pages, {len(notices)} notices",
    )
    assert _pages(changes) == []


def _outage(declared: Declared, outage: Outage, an_hour: float, seed: int) -> list[float]:
    """Minutes from the beginning of an outage of two hours to each page."""
    store = MetricStore()
    # somewhere between two sweeps
    begins = MIDNIGHT + HOUR + 137 * seed
    ends = begins + 2 * HOUR
    trouble = Trouble(outage, begins, ends)
    chance = random.Random(seed)
    traffic = Traffic(NAMES, store, _api_id(declared), lambda _: an_hour, trouble, chance)
    traffic.run(MIDNIGHT - 2 * HOUR, ends + 1.5 * HOUR)
    minutes = int((ends + 1.5 * HOUR - MIDNIGHT) // MINUTE)
    pages = _pages(replay(declared.values(), store, MIDNIGHT, minutes))
    names = [(change.alarm.name.removeprefix(f"{NAMES.prefix}-"), change.new) for change in pages]
    assert names[0] == ("outage", AlarmState.ALARM), names
    assert names[-1] == ("outage", AlarmState.OK), names
    return [change.minute - (begins - MIDNIGHT) / MINUTE for change in pages]


@pytest.mark.parametrize("outage", Outage)
def test_an_outage_sends_a_page_within_ten_minutes_and_three_messages_at_most(
    declared: Declared, outage: Outage, record_property: RecordProperty
) -> None:
    """One when it begins, one when it lasts, one when it is over."""
    pages = _outage(declared, outage, an_hour=30, seed=1)

    record_property(
        "Alarms in a simulated outage of two hours, 30 starts an hour",
        f"{outage.name.lower()}: first page after {pages[0]:.0f} minutes, {len(pages)} messages",
    )
    assert 0 < pages[0] <= 10
    assert len(pages) <= 3


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("an_hour", [20, 60])
@pytest.mark.parametrize("outage", Outage)
def test_an_outage_sends_three_messages_at_most_whatever_the_traffic_and_the_moment(
    declared: Declared, outage: Outage, an_hour: float
) -> None:
    for seed in range(2, 8):
        pages = _outage(declared, outage, an_hour, seed)
        assert len(pages) <= 3, seed
        # a minute more than ten where the one execution under way has to fail first
        assert 0 < pages[0] <= (10 if an_hour > 20 else 20), seed


def test_the_replay_changes_the_alarms_as_the_monitor_does(declared: Declared) -> None:
    """Minute by minute, over an hour with an outage."""
    store = MetricStore()
    trouble = Trouble(Outage.DATABASE, MIDNIGHT + 15 * MINUTE, MIDNIGHT + 40 * MINUTE)
    traffic = Traffic(NAMES, store, _api_id(declared), lambda _: 60, trouble)
    traffic.run(MIDNIGHT - BEFORE, MIDNIGHT + HOUR)
    monitor = Monitor(declared.values())
    monitor.states.update(dict.fromkeys(declared, AlarmState.OK))

    looked = [
        (minute, change.alarm.name, change.new)
        for minute in range(1, HOUR // MINUTE + 1)
        for change in monitor.evaluate(store, MIDNIGHT + minute * MINUTE)
    ]

    replayed = replay(declared.values(), store, MIDNIGHT, HOUR // MINUTE)
    assert sorted(looked) == sorted((each.minute, each.alarm.name, each.new) for each in replayed)
    assert {AlarmState.ALARM, AlarmState.OK} == {new for *_, new in looked}
    assert any(isinstance(each.alarm, CompositeAlarmDefinition) for each in replayed)
