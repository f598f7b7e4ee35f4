"""What the doctor offers to do for each of the five troubles, from the evidence alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import typer

from components.settings import Settings
from ops.commands import doctor
from ops.doctor.remedies import Kind, Remedy, remedies
from ops.doctor.troubles import Evidence, Failed, troubles
from ops.settings import settings_of
from tests.ops.doctor.test_troubles import CALM


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_of("staging")


def failed(number: int, **failures: int) -> Failed:
    return Failed(f"e{number}", f"g{number}", failures)


def offered(seen: Evidence, settings: Settings) -> list[tuple[str, str]]:
    return [(each.kind.value, each.target) for each in remedies(seen, troubles(seen, settings))]


def test_a_calm_stack_needs_nothing_even_with_failed_actions(settings: Settings) -> None:
    seen = replace(CALM, retryable=[failed(1, DEADLINE=1, MODEL_UNAVAILABLE=1)])
    assert offered(seen, settings) == []


def test_a_goal_that_an_ended_execution_holds_is_released(settings: Settings) -> None:
    seen = replace(CALM, stuck={"g": "the sweep is late"}, unreleased={"g": "e"})
    assert offered(seen, settings) == [("release", "e")]


def test_an_execution_that_is_overdue_is_stopped(settings: Settings) -> None:
    seen = replace(CALM, overdue={"g": "e"})
    (trouble,) = (each for each in troubles(seen, settings) if each.found)
    assert trouble.name == "a start gets 409"
    assert "executions stop e" in trouble.advice[0]
    assert offered(seen, settings) == [("stop", "e")]


@pytest.mark.parametrize(
    ("seen", "cured", "not_cured"),
    [
        (replace(CALM, timed_out=1), "DEADLINE", "CONTENT_FILTERED"),
        (
            replace(CALM, function_timeouts={"task-generation": 1}),
            "FUNCTION_FAILED",
            "INVALID_ANSWER",
        ),
        (replace(CALM, throttles=1.0), "SAVE_FAILED", "MODEL_REJECTED"),
        (replace(CALM, failures={"MODEL_UNAVAILABLE": 30}), "MODEL_UNAVAILABLE", "DEADLINE"),
    ],
    ids=["run time-out", "function time-out", "throttled table", "many failures"],
)
def test_actions_that_the_trouble_failed_are_retried_and_no_others(
    seen: Evidence, cured: str, not_cured: str, settings: Settings
) -> None:
    given = replace(seen, retryable=[failed(1, **{cured: 2}), failed(2, **{not_cured: 2})])
    assert offered(given, settings) == [("retry", "e1")]


def test_an_execution_is_retried_once_for_all_its_troubles(settings: Settings) -> None:
    seen = replace(CALM, timed_out=1, function_timeouts={"task-generation": 1})
    both = [failed(1, DEADLINE=1, FUNCTION_FAILED=1)]
    found = remedies(replace(seen, retryable=both), troubles(seen, settings))
    assert [(each.kind, each.trouble) for each in found] == [(Kind.RETRY, "an execution times out")]
    assert found[0].why == "its failed actions again (DEADLINE 1)"


def test_no_more_than_twenty_executions_start_at_once(settings: Settings) -> None:
    many = [failed(number, DEADLINE=1) for number in range(21)]
    found = offered(replace(CALM, timed_out=1, retryable=many), settings)
    assert found == [("retry", f"e{number}") for number in range(20)]


REMEDY = Remedy(Kind.RETRY, "many actions fail", "e", "g", "again")


def agreed(monkeypatch: pytest.MonkeyPatch, *, answer: bool, **options: object) -> list[Remedy]:
    def ask(_question: str, **_options: object) -> bool:
        return answer

    monkeypatch.setattr(doctor.typer, "confirm", ask)
    given = {"yes": False, "confirmed": None, "asks": True, **options}
    chosen: Iterator[Remedy] = doctor._agreed([REMEDY], "staging", **given)  # type: ignore[arg-type]  # pyright: ignore
    return [*chosen]


def test_each_is_asked_for_and_none_is_done_without_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert agreed(monkeypatch, answer=True) == [REMEDY]
    assert agreed(monkeypatch, answer=False) == []
    assert agreed(monkeypatch, answer=True, asks=False) == []
    assert agreed(monkeypatch, answer=False, asks=False, yes=True) == [REMEDY]
    with pytest.raises(typer.BadParameter):
        agreed(monkeypatch, answer=True, confirmed="prod")
