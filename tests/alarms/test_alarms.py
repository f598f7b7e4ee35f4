"""Every declared alarm fires over its threshold, not under it, copes with gaps and recovers.

Each under every reading of the rules that AWS does not publish (`ASSUMPTIONS`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from localcloud.aws.cloudwatch.alarm_definitions import (
    AlarmState,
    CompositeAlarmDefinition,
    MetricAlarmDefinition,
)
from localcloud.aws.cloudwatch.composite_rules import alarms_in, holds
from localcloud.aws.cloudwatch.evaluation import EvaluationAssumptions
from tests.alarms.scenarios import NEAR_TIMEOUT, SCENARIOS, Samples, Scenario
from tests.alarms.stack import ALARMS, COMPOSITES, NAMES, Declared
from tests.metric_store import MetricStore, evaluate

NOON = 1_764_072_000.0
ASSUMPTIONS = [
    EvaluationAssumptions(extra_periods=more, fills_empty=fills)
    for more in (0, 2, 4)
    for fills in (True, False)
]


def _scenario(name: str) -> Scenario:
    of_function = NEAR_TIMEOUT.get(ALARMS[name].key)
    return of_function or SCENARIOS[ALARMS[name].description.anchor]


class Timeline:
    """An alarm's metrics, period by period, and the alarm's state over them."""

    def __init__(self, alarm: MetricAlarmDefinition) -> None:
        self.now = NOON
        self._alarm = alarm
        self._store = MetricStore()

    def pass_periods(self, count: int, samples: Samples, every: int = 1) -> None:
        """So many periods with the same samples, or with none in all but each `every`th.

        The last one has them.
        """
        for left in reversed(range(count)):
            if left % every == 0:
                for identifier, values in samples.items():
                    metric = self._alarm.metrics[identifier].metric
                    assert metric
                    for value, times in Counter(values).items():
                        self._store.add(metric, self.now + self._alarm.period / 2, value, times)
            self.now += self._alarm.period

    def state(self, reading: EvaluationAssumptions, late: float = 0) -> AlarmState | None:
        """The alarm's state now, or so many seconds later."""
        return evaluate(self._alarm, self._store, self.now + late + 5, reading).state


CONDITIONS: dict[str, tuple[str, str, Samples]] = {
    f"{NAMES.prefix}-workflow-reconcile-swept": (
        *("workflow-reconcile-silent", "outage"),
        {"sweeps": [0.0]},
    ),
    f"{NAMES.prefix}-workflow-archive-ran": (
        *("workflow-archive-silent", "undelivered"),
        {"runs": [0.0]},
    ),
}
"""A condition in a rule, which fires in no scenario: the alarm that waits for it, the composite of
the rule, and what makes it OK."""
MET = dict.fromkeys(CONDITIONS, AlarmState.OK)


@pytest.fixture(params=sorted(set(ALARMS) - set(CONDITIONS)))
def case(
    request: pytest.FixtureRequest, declared: Declared
) -> tuple[MetricAlarmDefinition, Scenario]:
    """An alarm as declared, and its scenario."""
    alarm = declared[request.param]
    assert isinstance(alarm, MetricAlarmDefinition)
    scenario = _scenario(request.param)
    # Of functions' throttles each alarm has some of the functions.
    over, under = (
        tuple(each for each in samples if each.keys() <= alarm.metrics.keys())
        for samples in (scenario.over, scenario.under)
    )
    assert over
    assert under
    return alarm, replace(scenario, over=over, under=under)


def _starts(alarm: MetricAlarmDefinition, scenario: Scenario) -> Iterator[Timeline]:
    """The time before a scenario: with good samples, and without any."""
    periods = alarm.evaluation_periods + max(reading.extra_periods for reading in ASSUMPTIONS) + 1
    quiet = Timeline(alarm)
    quiet.pass_periods(periods, scenario.under[0], scenario.healthy_every)
    yield quiet
    if not scenario.silence_breaches:
        silent = Timeline(alarm)
        silent.pass_periods(periods, {})
        yield silent


def test_no_alarm_is_without_its_scenario_and_no_scenario_without_an_alarm(
    declared: Declared,
) -> None:
    named = {alarm.description.anchor for alarm in ALARMS.values() if alarm.key not in NEAR_TIMEOUT}

    assert named == set(SCENARIOS)
    assert {alarm.key for alarm in ALARMS.values()} >= set(NEAR_TIMEOUT)
    assert set(declared) == {*ALARMS, *COMPOSITES}
    assert all(scenario.over and scenario.under for scenario in SCENARIOS.values())


def test_an_alarm_fires(case: tuple[MetricAlarmDefinition, Scenario]) -> None:
    alarm, scenario = case
    for over in scenario.over:
        for timeline in _starts(alarm, scenario):
            timeline.pass_periods(alarm.datapoints_to_alarm, over)
            for reading in ASSUMPTIONS:
                assert timeline.state(reading) is AlarmState.ALARM, (over, reading)


def test_an_alarm_does_not_fire_just_under(case: tuple[MetricAlarmDefinition, Scenario]) -> None:
    check_near_misses(*case)


def check_near_misses(alarm: MetricAlarmDefinition, scenario: Scenario) -> None:
    """At the threshold, below the floor, or over the threshold for one period too few."""
    for timeline in _starts(alarm, scenario):
        for under in scenario.under:
            timeline.pass_periods(alarm.evaluation_periods + 1, under, scenario.healthy_every)
            for reading in ASSUMPTIONS:
                assert timeline.state(reading) is not AlarmState.ALARM, (under, reading)
    for over in scenario.over:
        for timeline in _starts(alarm, scenario):
            timeline.pass_periods(alarm.datapoints_to_alarm - 1, over)
            for reading in ASSUMPTIONS:
                assert timeline.state(reading) is not AlarmState.ALARM, (over, reading)


def test_an_alarm_neither_fires_nor_stays_on_over_gaps_in_its_metrics(
    case: tuple[MetricAlarmDefinition, Scenario],
) -> None:
    """Except an alarm that fires because there are no samples."""
    alarm, scenario = case
    for timeline in _starts(alarm, scenario):
        timeline.pass_periods(alarm.evaluation_periods + 5, {})
        expected = AlarmState.ALARM if scenario.silence_breaches else AlarmState.OK
        for reading in ASSUMPTIONS:
            assert timeline.state(reading) is expected, reading
    if scenario.silence_breaches:
        return
    for over in scenario.over:
        for timeline in _starts(alarm, scenario):
            timeline.pass_periods(alarm.evaluation_periods, over)
            timeline.pass_periods(alarm.evaluation_periods, {})
            for reading in ASSUMPTIONS:
                late = reading.extra_periods * alarm.period
                assert timeline.state(reading, late=late) is AlarmState.OK, (over, reading)


def test_an_alarm_recovers(case: tuple[MetricAlarmDefinition, Scenario]) -> None:
    alarm, scenario = case
    for over in scenario.over:
        for timeline in _starts(alarm, scenario):
            timeline.pass_periods(alarm.evaluation_periods, over)
            timeline.pass_periods(
                alarm.evaluation_periods, scenario.under[0], scenario.healthy_every
            )
            for reading in ASSUMPTIONS:
                assert timeline.state(reading) is AlarmState.OK, (over, reading)


@pytest.mark.parametrize("name", ["workflow-failure-rate-high", "workflow-timeout-high"])
def test_an_alarm_over_a_count_instead_of_the_rate_fails_these_tests(
    declared: Declared, name: str
) -> None:
    """The guide's own command compares a sum with a number that is meant as a percentage."""
    alarm = declared[f"{NAMES.prefix}-{name}"]
    assert isinstance(alarm, MetricAlarmDefinition)
    counted = {"workflow-failure-rate-high": "failed", "workflow-timeout-high": "timedOut"}[name]

    check_near_misses(alarm, SCENARIOS[name])
    with pytest.raises(AssertionError):
        check_near_misses(replace(alarm, watched_id=counted), SCENARIOS[name])


def _composite(declared: Declared, name: str) -> CompositeAlarmDefinition:
    composite = declared[name]
    assert isinstance(composite, CompositeAlarmDefinition)
    return composite


@pytest.mark.parametrize("name", sorted(COMPOSITES))
def test_a_composite_follows_each_of_its_children_and_no_other_alarm(
    declared: Declared, name: str
) -> None:
    rule = _composite(declared, name).rule
    outage = f"{NAMES.prefix}-outage"
    needed = {outage: AlarmState.ALARM} if name.endswith("escalation") else {}
    for quiet in (AlarmState.OK, AlarmState.INSUFFICIENT_DATA):
        states = dict.fromkeys(declared, quiet) | needed | MET
        assert not holds(rule, states)
        for child in alarms_in(rule) - {outage, *CONDITIONS}:
            assert holds(rule, {**states, child: AlarmState.ALARM})
            assert not holds(rule, {**states, child: AlarmState.OK})
        for other in set(declared) - alarms_in(rule):
            assert not holds(rule, {**states, other: AlarmState.ALARM})


@pytest.mark.parametrize("name", CONDITIONS)
def test_without_data_a_condition_keeps_its_state_and_the_first_run_makes_it_ok(
    declared: Declared, name: str
) -> None:
    alarm = declared[name]
    assert isinstance(alarm, MetricAlarmDefinition)
    timeline = Timeline(alarm)
    timeline.pass_periods(10, {})
    for reading in ASSUMPTIONS:
        assert timeline.state(reading) is None  # no change
    timeline.pass_periods(1, CONDITIONS[name][2])
    for reading in ASSUMPTIONS:
        assert timeline.state(reading) is AlarmState.OK


@pytest.mark.parametrize("condition", CONDITIONS)
def test_silence_counts_from_the_first_run_on(declared: Declared, condition: str) -> None:
    silent, composite, _ = CONDITIONS[condition]
    rule = _composite(declared, f"{NAMES.prefix}-{composite}").rule
    states = dict.fromkeys(declared, AlarmState.INSUFFICIENT_DATA)
    states |= {f"{NAMES.prefix}-{silent}": AlarmState.ALARM}

    assert not holds(rule, states)
    assert holds(rule, {**states, condition: AlarmState.OK})


def test_every_alarm_has_one_composite_or_actions_of_its_own(declared: Declared) -> None:
    children = [
        child
        for alarm in declared.values()
        if isinstance(alarm, CompositeAlarmDefinition)
        for child in alarms_in(alarm.rule)
        if child in ALARMS
    ]
    with_actions = {name for name in ALARMS if any(declared[name].actions.values())}

    assert len(children) == len(set(children))
    assert set(children) | with_actions == set(ALARMS)
    assert not set(children) & with_actions


def test_the_notices_composite_is_off_during_an_outage(declared: Declared) -> None:
    notices = _composite(declared, f"{NAMES.prefix}-notices").rule
    outage = f"{NAMES.prefix}-outage"
    noticed = dict.fromkeys(declared, AlarmState.OK) | {
        f"{NAMES.prefix}-workflow-execution-failed": AlarmState.ALARM
    }

    assert holds(notices, noticed)
    assert not holds(notices, {**noticed, outage: AlarmState.ALARM})


def test_the_escalation_composite_is_off_after_the_outage(declared: Declared) -> None:
    escalation = _composite(declared, f"{NAMES.prefix}-escalation").rule
    outage = f"{NAMES.prefix}-outage"
    stays = dict.fromkeys(declared, AlarmState.OK) | {
        f"{NAMES.prefix}-model-failure-rate-high-stays": AlarmState.ALARM
    }

    assert holds(escalation, {**stays, outage: AlarmState.ALARM})
    assert not holds(escalation, stays)
