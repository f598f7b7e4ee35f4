"""The package and its documentation have exactly what a stack exports."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflow_exports
from components.exports import EXPORTS_VERSION
from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from workflow_exports import WorkflowExports, WorkflowExportsError
from workflow_exports._exports import check

STACK = "organization/goal-mandala/dev"

VERSION_1 = {
    # never edited: another version gets another table, additions go below
    **dict.fromkeys(
        [
            "exportsVersion",
            "environment",
            "region",
            "stateMachineArn",
            "tableName",
            "tableArn",
            "apiUrl",
            "userPoolId",
            "alertsTopicArn",
            "notificationsTopicArn",
            "keyArn",
            "keyAlias",
            "dashboardUrl",
        ],
        "string",
    ),
    **dict.fromkeys(["userPoolClientIds", "functionArns", "logGroupNames"], "map of strings"),
}
ADDED_TO_VERSION_1: dict[str, str] = {}


@pytest.fixture(scope="session")
def exports() -> Mapping[str, Any]:
    """What the program exports."""
    return evaluate("dev", throwaway_secrets()).exports


def kind(value: Any) -> str:
    """A value's type, in the documentation's words."""
    if isinstance(value, str):
        return "string"
    inner: Any = value
    assert isinstance(value, dict), value
    assert all(isinstance(each, str) for pair in inner.items() for each in pair)
    return "map of strings"


def test_a_rename_or_another_type_needs_another_version(exports: Mapping[str, Any]) -> None:
    assert exports["exportsVersion"] == EXPORTS_VERSION == workflow_exports.EXPORTS_VERSION == "1"
    assert {name: kind(value) for name, value in exports.items()} == VERSION_1 | ADDED_TO_VERSION_1


def test_the_documentation_has_every_export_with_its_type(exports: Mapping[str, Any]) -> None:
    table = (ROOT / "docs" / "exports.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (string|map of strings) \| .+ \|$", table, re.M))
    assert rows == {name: kind(value) for name, value in exports.items()}


def test_the_package_has_every_export_with_its_type(exports: Mapping[str, Any]) -> None:
    expected = {"string": str, "map of strings": dict[str, str]}
    camel = {
        re.sub(r"_(\w)", lambda match: match[1].upper(), field.name): get_args(field.type)[0]
        for field in fields(WorkflowExports)
    }
    wanted = {name: expected[kind(value)] for name, value in exports.items()}
    assert camel == {name: type_ for name, type_ in wanted.items() if name != "exportsVersion"}


def test_the_package_exports_three_names() -> None:
    assert workflow_exports.__all__ == [
        "EXPORTS_VERSION",
        "WorkflowExports",
        "WorkflowExportsError",
    ]


READS = """
import pulumi
from workflow_exports import WorkflowExports

workflow = WorkflowExports.from_stack("organization/goal-mandala/dev")
for name in ("api_url", "state_machine_arn", "dashboard_url"):
    pulumi.export(name, getattr(workflow, name))
pulumi.export("start", workflow.function_arns["workflow-start"])
"""


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """A program that reads a stack."""
    (tmp_path / "__main__.py").write_text(READS)
    (tmp_path / "Pulumi.yaml").write_text("name: reader\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


def test_a_program_reads_a_stacks_exports_typed(exports: Mapping[str, Any], reader: Path) -> None:
    read = evaluate("dev", {}, folder=reader, references={STACK: exports}).exports
    assert read == {
        "api_url": exports["apiUrl"],
        "state_machine_arn": exports["stateMachineArn"],
        "dashboard_url": exports["dashboardUrl"],
        "start": exports["functionArns"]["workflow-start"],
    }


def test_a_stack_of_another_version_ends_the_program(
    exports: Mapping[str, Any], reader: Path
) -> None:
    later = {**exports, "exportsVersion": "2"}
    with pytest.raises(WorkflowExportsError, match=r"dev: exportsVersion is '2', .*install"):
        evaluate("dev", {}, folder=reader, references={STACK: later})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exportsVersion": None}, "exports no exportsVersion"),
        ({"exportsVersion": 1}, "exportsVersion is 1, "),
        ({"apiUrl": None}, "apiUrl is missing"),
        ({"tableArn": ["a"]}, "tableArn is list, a string is needed"),
        ({"functionArns": "a"}, "functionArns is str, a map of strings is needed"),
        ({"functionArns": {"a": 1}}, "functionArns is dict, a map of strings is needed"),
    ],
)
def test_an_error_names_the_stack_the_export_and_what_is_wrong(
    change: dict[str, Any], message: str, exports: Mapping[str, Any]
) -> None:
    changed = {name: value for name, value in {**exports, **change}.items() if value is not None}
    with pytest.raises(WorkflowExportsError, match=re.escape(message)) as raised:
        check(STACK, changed)
    assert str(raised.value).startswith(STACK)


def test_an_error_lists_all_problems_at_once(exports: Mapping[str, Any]) -> None:
    with pytest.raises(WorkflowExportsError, match="apiUrl is missing; keyArn is int"):
        check(STACK, {**{n: v for n, v in exports.items() if n != "apiUrl"}, "keyArn": 5})


def test_the_error_for_a_destroyed_stack_names_the_command_that_deploys_it() -> None:
    with pytest.raises(WorkflowExportsError, match="exports nothing: it is not deployed"):
        check(STACK, {})


def test_more_exports_than_the_package_knows_are_no_problem(exports: Mapping[str, Any]) -> None:
    assert check(STACK, {**exports, "queueUrls": ["a"]})["queueUrls"] == ["a"]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(VERSION_1)), _values))
def test_any_exports_are_read_or_refused_with_an_error_of_the_package(
    exports: dict[str, Any],
) -> None:
    try:
        checked = check(STACK, exports)
    except WorkflowExportsError:
        return
    assert {name: kind(checked[name]) for name in VERSION_1} == VERSION_1


@pytest.mark.soak
def test_the_package_installs_on_its_own(tmp_path: Path) -> None:
    built = tmp_path / "source"
    built.mkdir()
    for file in (ROOT / "workflow_exports").iterdir():
        if file.is_file():
            (built / file.name).write_bytes(file.read_bytes())
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *options, str(built)], check=True, capture_output=True)
    names = {path.name for path in (target / "workflow_exports").iterdir() if path.is_file()}
    assert names == {"__init__.py", "_exports.py", "py.typed"}
    (metadata,) = target.glob("goal_mandala_workflow_exports-*.dist-info/METADATA")
    required = re.findall(r"^Requires-Dist: (.+)$", metadata.read_text(), re.M)
    assert required == ["pulumi<4,>=3.100"]
    imported = subprocess.run(
        [sys.executable, "-c", "import workflow_exports; print(workflow_exports.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(target)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert imported.startswith(str(target))
