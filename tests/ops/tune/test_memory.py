"""A power-tuning run measures sizes and leaves nothing behind, however it ends."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.names import ALIAS
from handlers.contract.functions import TASK_GENERATION, WORKFLOW_STATUS
from ops import cli
from ops.commands import options
from ops.problems import OperatorError
from ops.stack import Stack
from ops.tune import commands
from ops.tune.drawing import drawing
from ops.tune.invocations import invocations_in, percentile
from ops.tune.memory import MARK, Size, clean_up, event_of, measure, usd_per_million


@pytest.fixture(autouse=True)
def _signal(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_handler(_number: int, _handler: object) -> None: ...

    monkeypatch.setattr(commands.signal, "signal", no_handler)


def state_of(stack: Stack) -> dict[str, Any]:
    client, name = stack.client("lambda"), stack.names.function(WORKFLOW_STATUS)
    versions = client.list_versions_by_function(FunctionName=name)["Versions"]
    latest = client.get_function_configuration(FunctionName=name)
    return {
        "live": client.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"],
        "versions": [each["Version"] for each in versions],
        "memory": latest["MemorySize"],
        "description": latest["Description"],
    }


@pytest.fixture
def before(stack: Stack) -> Iterator[dict[str, Any]]:
    """The function as it was; it has to be the same after every test."""
    held = state_of(stack)
    yield held
    assert state_of(stack) == held


def test_a_run_measures_every_size_and_leaves_the_function_as_it_was(
    stack: Stack,
    before: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(commands, "FOLDER", tmp_path)
    arguments = ["tune", "memory", "workflow-status", "--local", "--yes", "--json"]
    assert cli.main([*arguments, "--sizes", "512,256", "--invocations", "2"]) == 0
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert [(each["memory_mb"], each["invocations"]) for each in result["sizes"]] == [
        (256, 2),
        (512, 2),
    ]
    assert "gives every size the same processor" in result["note"]
    assert "2 versions are published and deleted again, 3 invocations each" in shown.err
    assert "tune memory of workflow-status" in json.loads(result["audit"])["what"]
    assert "<svg" in Path(result["picture"]).read_text()


def test_ctrl_c_in_the_middle_takes_everything_back(stack: Stack, before: dict[str, Any]) -> None:
    lines = list[str]()

    def interrupt(line: str) -> None:
        lines.append(line)
        if line.startswith("512 MB"):
            assert len(state_of(stack)["versions"]) == len(before["versions"]) + 1
            raise KeyboardInterrupt

    event = event_of(WORKFLOW_STATUS, None)
    with pytest.raises(KeyboardInterrupt):
        measure(stack, WORKFLOW_STATUS, [512, 1024], event, invocations=2, progress=interrupt)
    assert lines[-1] == "taking the versions back"


def test_a_run_that_was_killed_is_cleaned_up_by_the_next(
    stack: Stack, before: dict[str, Any]
) -> None:
    client, name = stack.client("lambda"), stack.names.function(WORKFLOW_STATUS)
    client.update_function_configuration(
        FunctionName=name, MemorySize=2048, Description=f"{MARK} 2048 MB"
    )
    client.publish_version(FunctionName=name, Description=f"{MARK} 2048 MB")
    assert len(clean_up(stack, WORKFLOW_STATUS)) == 1
    assert clean_up(stack, WORKFLOW_STATUS) == []


def test_a_function_without_a_harmless_event_needs_one() -> None:
    with pytest.raises(OperatorError, match=r"task-generation has no event that changes nothing"):
        event_of(TASK_GENERATION, None)
    assert event_of(TASK_GENERATION, '{"a": 1}') == b'{"a": 1}'
    with pytest.raises(OperatorError, match="--payload: must be JSON"):
        event_of(TASK_GENERATION, "{")


@pytest.mark.parametrize("sizes", ["", "64", "10241", "512;1024", "512,x"])
def test_a_size_that_lambda_does_not_have_is_refused(sizes: str) -> None:
    arguments = ["tune", "memory", "workflow-status", "--local", f"--sizes={sizes}"]
    assert cli.main(arguments) == 2
    assert cli.main(["tune", "memory", "workflow-begin", "--local"]) == 2


def test_options_alone_mean_the_settings(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    assert cli.main(["tune", "--local", "--json", "--since", "1h"]) == 0
    knobs = json.loads(capsys.readouterr().out)["knobs"]
    assert len(knobs) == 12
    assert all(each["then"] is None for each in knobs)


def test_report_lines_are_read_as_lambda_writes_them() -> None:
    rest = "RequestId: 79e95937-c953-4f00-8c77-99a3f95b4ed9\tDuration: 1211.52 ms\tBilled Duration:"
    events = [
        {
            "timestamp": 2,
            "logStreamName": "2026/11/29/[$LATEST]9344",
            "message": f"REPORT {rest} 1212 ms\tMemory Size: 1024 MB\tMax Memory Used: 0 MB\t",
        },
        {
            "timestamp": 1,
            "logStreamName": "2026/11/29/[12]9344",
            "message": f"REPORT {rest} 1400 ms\tMemory Size: 1024 MB\tMax Memory Used: 213 MB\t"
            "Init Duration: 188.40 ms\t\nXRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1",
        },
        {"timestamp": 3, "logStreamName": "s", "message": f"END {rest}"},
    ]
    cold, warm = invocations_in(events)
    assert (cold.version, cold.used_mb, cold.init_ms, cold.billed_ms) == ("12", 213, 188.4, 1400)
    assert (warm.version, warm.used_mb, warm.init_ms, warm.duration_ms) == (
        "$LATEST",
        None,
        None,
        1211.52,
    )


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (95, 4), (100, 4), (1, 1)])
def test_a_percentile_is_one_of_the_values(percent: int, value: float) -> None:
    assert percentile([4, 1, 3, 2], percent) == value
    assert percentile([], percent) == 0


def test_a_million_seconds_at_a_gigabyte_cost_what_lambdas_price_list_says() -> None:
    assert usd_per_million(1024, 1000) == pytest.approx(13.3334 + 0.2)
    assert usd_per_million(512, 1000) == pytest.approx(13.3334 / 2 + 0.2)


def test_the_picture_is_well_formed_and_shows_both_curves_and_the_note() -> None:
    sizes = [Size(512, 5, 80, 90, 300, 0.75), Size(1024, 5, 40, 45, 200, 0.73)]
    root = ET.fromstring(drawing("workflow-status", sizes, "a <note>"))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "workflow-status: cheapest 1024 MB, fastest 1024 MB" in texts
    assert "a <note>" in texts
    assert "80 ms" in texts
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "512 MB: 80.00 ms" in titles
    assert "1024 MB: 0.73 USD / million" in titles
    assert len([*root.iter("{http://www.w3.org/2000/svg}circle")]) == 4
