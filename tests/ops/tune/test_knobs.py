"""Each of the guide's knobs is turned just when its evidence is there, and not a step before."""

from dataclasses import replace
from typing import Any

import pytest

from components.settings import Settings
from ops.logs.lines import LogLine
from ops.settings import settings_of
from ops.tune.knobs import Knob, Readings, knobs
from ops.tune.reading import is_timeout

CALM = Readings(
    timed_out=0,
    actions=100,
    failures={},
    generation_p95_ms=10_000,
    save_p95_ms=1_000,
    generation_timeouts=0,
    lambda_throttles=0,
    peak_concurrency=24,
    quota=1000,
    used_mb=300,
    invocations=100,
    cold_starts=0,
    table_throttles=0,
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_of("staging")


def turned(read: Readings, settings: Settings) -> dict[str, str]:
    return {knob.path: knob.then for knob in knobs(read, settings) if knob.then}


def knob(path: str, read: Readings, settings: Settings) -> Knob:
    return next(each for each in knobs(read, settings) if each.path == path)


def provisioned(settings: Settings, **changed: int) -> Settings:
    table = settings.table.model_copy(update={"billing": "provisioned", **changed})
    return settings.model_copy(update={"table": table})


def test_a_calm_stack_keeps_every_knob(settings: Settings) -> None:
    assert turned(CALM, settings) == {}
    assert turned(CALM, provisioned(settings)) == {}
    assert all(each.why and not each.commands for each in knobs(CALM, settings))


@pytest.mark.parametrize(
    ("just_not", "just", "expected"),
    [
        ({"save_p95_ms": 224_000}, {"save_p95_ms": 224_001}, {"batchSize": "6"}),
        (
            {"failures": {"CONTENT_FILTERED": 50}},
            {"failures": {"MODEL_THROTTLED": 1}},
            {"maxBatchConcurrency": "2"},
        ),
        ({"lambda_throttles": 0}, {"lambda_throttles": 1}, {"maxActionConcurrency": "6"}),
        ({"peak_concurrency": 800}, {"peak_concurrency": 801}, {"maxActionConcurrency": "6"}),
        ({"timed_out": 0}, {"timed_out": 1}, {"workflowTimeout": "1200"}),
        ({"failures": {}}, {"failures": {"DEADLINE": 1}}, {"workflowTimeout": "1200"}),
        ({"generation_timeouts": 0}, {"generation_timeouts": 1}, {"generation.timeout": "180"}),
        (
            {"generation_p95_ms": 96_000},
            {"generation_p95_ms": 96_001},
            {"generation.timeout": "180"},
        ),
        ({"used_mb": 819}, {"used_mb": 820}, {"generation.memory": "2048"}),
        ({"used_mb": None}, {"used_mb": 1024}, {"generation.memory": "2048"}),
        ({"cold_starts": 5}, {"cold_starts": 6}, {"generation.provisionedConcurrency": "5"}),
        (
            {"failures": {"MODEL_UNAVAILABLE": 10}},
            {"failures": {"MODEL_UNAVAILABLE": 11}},
            {"retry.maxAttempts": "5", "retry.intervalSeconds": "5"},
        ),
    ],
)
def test_a_knob_turns_just_beyond_its_limit(
    just_not: dict[str, Any],
    just: dict[str, Any],
    expected: dict[str, str],
    settings: Settings,
) -> None:
    assert turned(replace(CALM, **just_not), settings) == {}
    assert turned(replace(CALM, **just), settings) == expected


def test_a_throttled_provisioned_table_goes_on_demand_or_gets_ten(settings: Settings) -> None:
    seen = replace(CALM, table_throttles=1)
    small = provisioned(settings, read=5, write=10)
    assert turned(seen, small) == {"table.billing": "onDemand", "table.read": "10"}
    assert turned(seen, settings) == {}
    assert "on demand already" in knob("table.billing", seen, settings).why


def test_against_slowness_concurrency_is_never_lowered(settings: Settings) -> None:
    slow = replace(CALM, timed_out=5, failures={"DEADLINE": 40}, generation_p95_ms=110_000)
    at_once = knob("maxBatchConcurrency", slow, settings)
    assert at_once.then is None
    assert "reversed here" in at_once.why
    assert "raise it" in at_once.why


def test_a_knob_that_is_turned_already_stays(settings: Settings) -> None:
    turned_before = settings.model_copy(
        update={"workflow_timeout": 1200, "max_batch_concurrency": 2, "batch_size": 6}
    )
    seen = replace(CALM, timed_out=1, failures={"MODEL_THROTTLED": 1}, save_p95_ms=280_000)
    assert turned(seen, turned_before) == {}


@pytest.mark.parametrize(
    ("message", "fields", "expected"),
    [
        ("2026-11-29T10:54:17Z x Task timed out after 120.00 seconds", {}, True),
        ("attempt failed", {"detail": "ReadTimeoutError"}, True),
        ("attempt failed", {"detail": "ThrottlingException"}, False),
    ],
)
def test_a_model_that_does_not_answer_in_time_counts_as_a_time_out(
    message: str, fields: dict[str, str], expected: bool
) -> None:
    line = LogLine("2026-11-29T10:54:17Z", "task-generation", "WARNING", message, fields)
    assert is_timeout(line) is expected


def test_what_cloudwatch_does_not_hold_turns_nothing(settings: Settings) -> None:
    silent = replace(
        CALM,
        generation_p95_ms=None,
        save_p95_ms=None,
        lambda_throttles=None,
        peak_concurrency=None,
        used_mb=None,
        table_throttles=None,
    )
    assert turned(silent, provisioned(settings)) == {}
    assert "(not measured)" in knob("table.billing", silent, settings).why


def test_the_lines_are_pulumis_and_the_stack_accepts_them_all(settings: Settings) -> None:
    everything = replace(
        CALM,
        timed_out=1,
        failures={"MODEL_THROTTLED": 9, "MODEL_UNAVAILABLE": 50},
        save_p95_ms=280_000,
        generation_timeouts=1,
        lambda_throttles=9,
        used_mb=1000,
        cold_starts=50,
        table_throttles=9,
    )
    found = knobs(everything, provisioned(settings, read=5, write=5))
    assert all(each.then for each in found)
    assert found[3].commands == (
        "pulumi config set --stack staging --path goal-mandala:workflowTimeout 1200",
        "pulumi up --stack staging",
    )
    changed = settings.model_dump(by_alias=True)
    for each in found:
        section, _, field = each.path.rpartition(".")
        held = changed[section] if section else changed
        held[field] = type(held[field])(each.then)
    Settings.model_validate(changed)
