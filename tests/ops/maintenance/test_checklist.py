"""Every line of the guide's check-lists has an item, and an item says what is left to do."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from components.settings import Settings
from declared.program import ROOT
from ops import cli
from ops.commands import options
from ops.maintenance import checklist, judging, working
from ops.maintenance.checklist import GUIDE, State, item, not_asked, not_done
from ops.maintenance.judging import Function
from ops.settings import settings_of
from ops.stack import Stack
from ops.tune.metrics import Values

_SHARED = ROOT.parent / "shared" / "guide" / "operations-guide.ja.md"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return settings_of("staging")


FUNCTION = Function("task-generation", 100, 0, 0, 20_000, 120_000, 1024, 300)


def test_the_lists_are_the_guides_line_by_line() -> None:
    if not _SHARED.exists():
        pytest.skip(f"the guide is not at {_SHARED.parent.name}: its lists were not compared")
    text = _SHARED.read_text(encoding="utf-8").partition("## 定期メンテナンス")[2]
    lines = re.findall(r"- \[ \] (.+)", text)
    assert [line for each in GUIDE.values() for line, _ in each] == lines


def test_every_line_has_a_function_that_answers_it() -> None:
    assert {name for each in GUIDE.values() for _, name in each} == set(working._ITEMS)  # pyright: ignore[reportPrivateUsage]


def test_only_what_is_not_done_or_needs_attention_is_not_well() -> None:
    assert item("logs", ["calm"]).is_well
    assert not item("logs", [], ["look"]).is_well
    assert not not_done("table backup", "none").is_well
    assert not_asked("costs", "absent here").is_well
    assert item("logs", []).guide == "CloudWatch Logsの確認"


def test_error_lines_need_attention_by_source() -> None:
    calm = judging.logs({}, {"workflow-start": 3}, 1)
    assert calm.is_well
    assert calm.facts == ("workflow-start: 0 error lines, before 3",)
    (line,) = judging.logs({"workflow-start": 1}, {}, 1).attention
    assert line.endswith("python -m ops logs workflow-start --level ERROR --since 1d")


@pytest.mark.parametrize(
    ("failed", "timed_out", "well"),
    [(10, 5, True), (11, 0, False), (0, 6, False)],
    ids=["at the limits", "too many failed", "too many timed out"],
)
def test_the_error_rate_is_held_against_the_guides_shares(
    failed: int, timed_out: int, well: bool, settings: Settings
) -> None:
    ended: Values = {"started": 100.0, "failed": float(failed), "timed out": float(timed_out)}
    found = judging.error_rate(ended, [FUNCTION], settings.alarms)
    assert found.is_well is well


@pytest.mark.parametrize(("errors", "well"), [(5, True), (6, False)])
def test_a_functions_errors_are_held_against_five_percent(
    errors: int, well: bool, settings: Settings
) -> None:
    ended: Values = {"started": 1.0, "failed": 0.0, "timed out": 0.0}
    found = judging.error_rate(ended, [replace(FUNCTION, errors=errors)], settings.alarms)
    assert found.is_well is well


@pytest.mark.parametrize(("p95", "well"), [(600_000, True), (600_001, False)])
def test_the_execution_time_is_held_against_ten_minutes(
    p95: int, well: bool, settings: Settings
) -> None:
    found = judging.execution_time(
        {"p95": float(p95), "max": 700_000.0}, {"p95": 300_000.0, "max": None}, settings
    )
    assert found.is_well is well
    assert found.facts[1] == "before: p95 5 min (+100 %)"


@pytest.mark.parametrize(
    ("changed", "well"),
    [
        ({"p95_ms": 96_000}, True),
        ({"p95_ms": 96_001}, False),
        ({"throttles": 1}, False),
        ({"used_mb": 921}, True),
        ({"used_mb": 922}, False),
        ({"used_mb": None}, True),
    ],
)
def test_performance_is_held_against_time_out_and_memory(
    changed: dict[str, float | None], well: bool
) -> None:
    assert judging.performance([replace(FUNCTION, **changed)], 80).is_well is well


def test_a_metric_without_a_sample_is_not_called_zero() -> None:
    found = judging.metrics({"UserErrors": None, "Throttles": 2.0}, {"Throttles": 1.0},
                            {"UserErrors": 0, "Throttles": 0})  # fmt: skip
    assert found.facts == ("UserErrors: no sample", "Throttles: 2 (+100 %)")
    assert len(found.attention) == 1


def test_without_cloudwatch_the_numbers_cannot_be_asked(settings: Settings) -> None:
    for found in (
        judging.metrics(None, None, {}),
        judging.error_rate(None, [], settings.alarms),
        judging.execution_time(None, None, settings),
    ):
        assert found.state == State.NOT_ASKED
        assert "CloudWatch did not answer" in found.reason


def test_alarms_that_are_on_or_call_nobody_need_attention() -> None:
    calm = judging.alarm_states({"a": "OK"}, {"a": 2}, [])
    assert calm.is_well
    assert "a fired 2 times" in calm.facts
    found = judging.alarm_states({"a": "ALARM", "b": "OK"}, {}, ["b"])
    assert len(found.attention) == 2


Run = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def run(
    stack: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(working, "ARCHIVES", tmp_path / "backups")

    def run(cadence: str) -> tuple[int, dict[str, object]]:
        folder = str(tmp_path / "reports")
        status = cli.main(["maintenance", cadence, "--local", "--json", "--folder", folder])
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("cadence", checklist.DAYS)
def test_every_list_is_worked_through_on_a_real_stack(cadence: checklist.Cadence, run: Run) -> None:
    status, result = run(cadence)
    items: list[dict[str, str]] = result["items"]  # type: ignore[assignment]
    assert [each["name"] for each in items] == [name for _, name in GUIDE[cadence]]
    assert all(each["reason"] for each in items if each["state"] != "done")
    assert status == (0 if result["well"] else 1)
    markdown, data = map(Path, result["reports"])  # type: ignore[arg-type]
    assert re.search(rf"local-{cadence}-\d{{4}}-\d\d-\d\d\.md$", str(markdown))
    assert json.loads(data.read_text())["items"] == items
    for line, _ in GUIDE[cadence]:
        assert f"] {line}" in markdown.read_text()


def test_a_monthly_list_without_backups_and_cost_explorer_says_so(run: Run) -> None:
    status, result = run("monthly")
    states = {each["name"]: each["state"] for each in result["items"]}  # type: ignore[attr-defined]
    assert status == 1
    assert states["table backup"] == states["function backup"] == "not done"
    assert states["costs"] == "cannot be asked here"
    assert states["security audit"] == "done"
