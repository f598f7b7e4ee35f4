"""The guide's remedies at their own numbers, which would take minutes, on a virtual clock.

The emulator neither shares a quota of the model between calls nor has minutes to spare: so the Map
is simulated (`virtual.py`) with the stack's own settings, and only the model is made up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from statistics import mean

import pytest

from components.compute.state_machine_definition import SAVE_TIMEOUT_SECONDS
from components.settings import Settings, SettingsError, with_account_concurrency
from handlers.executions.prepare import in_batches
from handlers.generation.time_budget import CONNECT_SECONDS
from tests.docs.guide.setting_lines import changed
from tests.troubles.deployed import Config, lines_of_the_page, only, settings_of_local
from tests.troubles.virtual import Answer, Knobs, Model, Outcome, execute

ACTIONS = 64
SEEDS = range(60)


def knobs(settings: Settings) -> Knobs:
    return Knobs(
        at_once=settings.concurrency,
        timeout=settings.workflow_timeout,
        call=CONNECT_SECONDS + settings.generation.call_timeout_seconds,
        retry=settings.retry,
        throttle_retry=settings.throttle_retry,
    )


def treated(config: Config, section: str, *paths: str) -> Settings:
    """The settings after lines of the guide."""
    lines = [line for path in paths for line in only(lines_of_the_page(section), path)]
    assert len(lines) == len(paths)
    return settings_of_local(changed(config, lines))


def run(settings: Settings, model: Callable[[], Model], seed: int = 1) -> Outcome:
    return execute(ACTIONS, knobs(settings), model(), Random(seed))


def failures(settings: Settings, model: Callable[[], Model]) -> float:
    return mean(run(settings, model, seed).failed for seed in SEEDS)


def slow() -> Model:
    """Each call takes 40 s, and the third one has the answer."""
    return lambda _action, attempt, _now: (
        Answer.TASKS if attempt == 2 else Answer.UNAVAILABLE,
        40.0,
    )


@dataclass
class Quota:
    """The model answers so many calls a minute, 6 s each, and throttles the rest."""

    a_minute: int
    used: dict[int, int] = field(default_factory=dict[int, int])

    def __call__(self, _action: int, _attempt: int, now: float) -> tuple[Answer, float]:
        minute = int(now // 60)
        self.used[minute] = self.used.get(minute, 0) + 1
        if self.used[minute] > self.a_minute:
            return Answer.THROTTLED, 0.2
        return Answer.TASKS, 6.0


def away(seconds: float) -> Callable[[], Model]:
    """The model is away for so long, and then as always."""
    return lambda: (
        lambda _action, _attempt, now: (
            (Answer.UNAVAILABLE, 1.0) if now < seconds else (Answer.TASKS, 3.0)
        )
    )


FEW_AT_ONCE = {"maxBatchConcurrency": "1"}


def test_20_minutes_instead_of_15_generate_what_a_slow_model_had_cut_off() -> None:
    assert run(settings_of_local(FEW_AT_ONCE), slow).cut > 0
    cured = run(treated(FEW_AT_ONCE, "4.1.2", "workflowTimeout"), slow)
    assert (cured.cut, cured.generated) == (0, ACTIONS)


def test_more_calls_at_once_are_the_other_remedy_against_a_slow_model() -> None:
    more = treated({}, "4.1.2", "maxActionConcurrency")
    assert more.concurrency == 39
    assert run(more, slow).end < 0.8 * run(settings_of_local({}), slow).end


def test_against_slowness_the_guides_3_to_2_is_reversed() -> None:
    fewer = treated({}, "4.1.2", "maxBatchConcurrency")
    assert fewer.concurrency == 16
    assert run(fewer, slow).end > 1.2 * run(settings_of_local({}), slow).end


def test_3_to_2_loses_fewer_actions_to_a_model_that_throttles() -> None:
    before = failures(settings_of_local({}), lambda: Quota(20))
    after = failures(treated({}, "4.1.2", "maxBatchConcurrency"), lambda: Quota(20))
    assert before > 5
    assert after < 0.7 * before


@pytest.mark.parametrize(
    ("seconds", "paths"),
    [
        (10, ["retry.maxAttempts"]),
        (10, ["retry.intervalSeconds"]),
        (30, ["retry.maxAttempts", "retry.intervalSeconds"]),
    ],
)
def test_5_attempts_and_5_seconds_outlast_a_model_that_is_away(
    seconds: float, paths: list[str]
) -> None:
    before = failures(settings_of_local({}), away(seconds))
    after = failures(treated({}, "4.1.5", *paths), away(seconds))
    assert before > 10
    assert after < 0.15 * before


def test_batches_of_6_instead_of_8_fit_into_a_saves_time_out() -> None:
    """A database that is so slow that an action takes 45 s to save."""

    def longest(settings: Settings) -> float:
        ids = [str(number) for number in range(ACTIONS)]
        return max(45.0 * len(batch) for batch in in_batches(ids, settings.batch_size))

    assert longest(settings_of_local({})) > SAVE_TIMEOUT_SECONDS
    assert longest(treated({}, "4.1.2", "batchSize")) < SAVE_TIMEOUT_SECONDS


def test_6_instead_of_8_calls_a_batch_fit_into_a_small_quota_of_lambda() -> None:
    def quota() -> float:
        return 30

    with pytest.raises(SettingsError, match="quota of concurrent executions is 30"):
        with_account_concurrency(settings_of_local({}), quota)
    fitting = treated({}, "5.1.2", "maxActionConcurrency")
    assert with_account_concurrency(fitting, quota).concurrency == 18


def test_3_minutes_instead_of_2_give_each_call_of_the_model_75_seconds() -> None:
    before, after = settings_of_local({}), treated({}, "4.1.3", "generation.timeout")
    assert (before.generation.call_timeout_seconds, after.generation.call_timeout_seconds) == (
        45,
        75,
    )

    def a_minute_each(settings: Settings) -> Callable[[], Model]:
        limit = settings.generation.call_timeout_seconds
        in_time = limit >= 60
        return lambda: (
            lambda _action, _attempt, _now: (
                (Answer.TASKS, 60.0) if in_time else (Answer.UNAVAILABLE, float(limit))
            )
        )

    assert run(before, a_minute_each(before)).generated == 0
    assert run(after, a_minute_each(after)).generated == ACTIONS
