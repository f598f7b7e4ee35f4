"""Which trouble it is, from evidence, and the settings that answer it."""

from dataclasses import replace
from typing import Any

import pytest

from components.settings import Settings
from ops.doctor.troubles import Evidence, Trouble, troubles
from ops.settings import settings_of

CALM = Evidence(
    ended=40,
    timed_out=0,
    partial=1,
    stuck={},
    failures={"CONTENT_FILTERED": 1},
    actions=64,
    function_timeouts={},
    model_timeouts=0,
    throttles=0,
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_of("staging")


def found(seen: Evidence, settings: Settings) -> list[Trouble]:
    return [trouble for trouble in troubles(seen, settings) if trouble.found]


def remedies(trouble: Trouble) -> dict[str, tuple[str, str]]:
    return {each.path: (each.now, each.then) for each in trouble.settings}


def test_a_calm_stack_has_no_trouble(settings: Settings) -> None:
    assert found(CALM, settings) == []


def test_a_goal_that_will_not_come_free_is_the_first_trouble(settings: Settings) -> None:
    (trouble,) = found(replace(CALM, stuck={"g": "the sweep is late"}), settings)
    assert trouble.name == "a start gets 409"
    assert trouble.advice == ["goal g: the sweep is late"]


def test_runs_that_time_out_get_twenty_minutes_and_no_fewer_calls(settings: Settings) -> None:
    (trouble,) = found(replace(CALM, timed_out=2), settings)
    assert remedies(trouble) == {"workflowTimeout": ("900", "1200")}
    assert any("more calls at once" in line for line in trouble.advice)


def test_runs_that_time_out_on_a_throttling_model_get_fewer_calls(settings: Settings) -> None:
    seen = replace(CALM, failures={"DEADLINE": 3, "MODEL_THROTTLED": 2})
    (trouble,) = found(seen, settings)
    assert trouble.name == "an execution times out"
    assert remedies(trouble)["maxBatchConcurrency"] == ("3", "2")


def test_a_function_that_times_out_gets_three_minutes(settings: Settings) -> None:
    seen = replace(CALM, function_timeouts={"task-generation": 4, "workflow-finish": 1})
    (trouble,) = found(seen, settings)
    assert remedies(trouble) == {"generation.timeout": ("120", "180")}
    assert any("workflow-finish waits for the database" in line for line in trouble.advice)


def test_a_model_that_does_not_answer_in_time_is_the_same_trouble(settings: Settings) -> None:
    (trouble,) = found(replace(CALM, model_timeouts=4), settings)
    assert trouble.name == "a function times out"
    assert remedies(trouble) == {"generation.timeout": ("120", "180")}


@pytest.mark.parametrize(
    ("billing", "remedy"),
    [("provisioned", {"table.billing": ("provisioned", "onDemand")}), ("onDemand", {})],
)
def test_a_throttled_table_goes_on_demand(
    billing: str, remedy: dict[str, Any], settings: Settings
) -> None:
    table = settings.table.model_copy(update={"billing": billing})
    given = settings.model_copy(update={"table": table})
    (trouble,) = found(replace(CALM, throttles=12.0), given)
    assert trouble.name == "DynamoDB throttles"
    assert remedies(trouble) == remedy
    assert trouble.advice


def test_without_cloudwatch_nobody_knows_whether_the_table_throttles(settings: Settings) -> None:
    asked = {each.name: each.found for each in troubles(replace(CALM, throttles=None), settings)}
    assert asked["DynamoDB throttles"] is None


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (
            "MODEL_UNAVAILABLE",
            {"retry.maxAttempts": ("3", "5"), "retry.intervalSeconds": ("2", "5")},
        ),
        ("MODEL_THROTTLED", {"maxBatchConcurrency": ("3", "2")}),
        ("INVALID_ANSWER", {}),
        ("CONTENT_FILTERED", {}),
    ],
)
def test_many_failures_are_answered_by_their_code(
    code: str, answer: dict[str, Any], settings: Settings
) -> None:
    (trouble,) = found(replace(CALM, failures={code: 10}), settings)
    assert trouble.name == "many actions fail"
    assert remedies(trouble) == answer
    assert answer or trouble.advice


def test_every_remedy_is_a_setting_that_the_stack_accepts(settings: Settings) -> None:
    table = settings.table.model_copy(update={"billing": "provisioned"})
    seen = Evidence(
        ended=9,
        timed_out=3,
        partial=5,
        stuck={},
        failures={"MODEL_THROTTLED": 9, "MODEL_UNAVAILABLE": 9, "DEADLINE": 1},
        actions=64,
        function_timeouts={"task-generation": 1},
        model_timeouts=0,
        throttles=1,
    )
    named = [
        each
        for trouble in troubles(seen, settings.model_copy(update={"table": table}))
        for each in trouble.settings
    ]
    assert len({each.path for each in named}) == 6
    for each in named:
        changed = settings.model_dump(by_alias=True)
        section, _, field = each.path.rpartition(".")
        held = changed[section] if section else changed
        held[field or each.path] = type(held[field])(each.then)
        Settings.model_validate(changed)
