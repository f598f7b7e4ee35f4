"""Pins in a stack's file, and what they do when the stack is deployed."""

import json
import shutil
from pathlib import Path

import pytest

from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from ops.pins import pins_of, write_pins
from ops.problems import OperatorError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the stack files."""
    for file in (ROOT / "Pulumi.yaml", ROOT / "Pulumi.prod.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_pins_are_written_read_changed_and_taken_away(folder: Path) -> None:
    before = (folder / "Pulumi.prod.yaml").read_text()
    assert pins_of("prod", folder) == {}
    write_pins("prod", {"workflow-start": 12, "state-machine": 7}, folder)
    assert pins_of("prod", folder) == {"workflow-start": 12, "state-machine": 7}
    write_pins("prod", {"workflow-start": 11}, folder)
    assert pins_of("prod", folder) == {"workflow-start": 11}
    write_pins("prod", {}, folder)
    assert (folder / "Pulumi.prod.yaml").read_text() == before


def test_a_file_laid_out_otherwise_is_left_alone(folder: Path) -> None:
    file = folder / "Pulumi.prod.yaml"
    file.write_text('{"config": {"aws:region": "ap-northeast-1"}}')
    with pytest.raises(OperatorError, match=r"put under config: goal-mandala:pins: \{ workflow-"):
        write_pins("prod", {"workflow-start": 11}, folder)
    assert file.read_text() == '{"config": {"aws:region": "ap-northeast-1"}}'


def test_a_deployment_leaves_live_at_the_pin() -> None:
    pins = {"goal-mandala:pins": json.dumps({"workflow-start": 12, "state-machine": 7})}
    resources = evaluate("dev", throwaway_secrets() | pins).resources
    functions = {
        each.inputs["functionName"]: each.inputs["functionVersion"]
        for each in resources
        if each.type == "aws:lambda/alias:Alias"
    }
    assert functions["goal-mandala-dev-workflow-start"] == "12"
    assert functions["goal-mandala-dev-workflow-status"] == "1"
    (machine,) = (each for each in resources if each.type == "aws:sfn/alias:Alias")
    (route,) = machine.inputs["routingConfigurations"]
    assert route["stateMachineVersionArn"].endswith(":TaskGenerationWorkflow-dev:7")


def test_a_pin_of_an_unknown_function_is_refused() -> None:
    pins = {"goal-mandala:pins": json.dumps({"workflow-begin": 12})}
    with pytest.raises(Exception, match="goal-mandala:pins"):
        evaluate("dev", throwaway_secrets() | pins)
