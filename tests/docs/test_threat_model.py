"""The threat model: every component is in it, and every line leads to a control and to a test."""

import re

import pytest

from declared.program import ROOT
from handlers.contract.functions import FUNCTIONS

DOCUMENT = ROOT / "docs" / "threat-model.md"
LINK = r"\[(?P<{0}>[^\]]+)\]\(\.\./(?P<{1}>[^)]+)\)"
ROW = re.compile(
    r"\| (?P<letter>[STRIDE]) \| (?P<threat>[^|]{10,}) \| "
    + LINK.format("control", "file")
    + r" \| "
    + LINK.format("test", "tests")
    + r" \|"
)
COMPONENT = re.compile(r"^class (\w+)\(pulumi\.ComponentResource\)", re.MULTILINE)
TEXT = DOCUMENT.read_text()
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| [A-Z] \|", line)]
PARTS = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
SECTIONS = {part.partition("\n")[0]: part for part in PARTS}


def test_there_are_more_than_a_hundred_lines() -> None:
    assert len(ROWS) > 100
    assert len(set(ROWS)) == len(ROWS)


@pytest.mark.parametrize("line", ROWS)
def test_a_line_links_a_control_and_the_test_that_tries_to_break_it(line: str) -> None:
    row = ROW.fullmatch(line)
    assert row, line
    assert row["control"] == row["file"]
    assert (ROOT / row["file"]).exists()
    assert not row["file"].startswith("tests/")
    assert row["tests"].startswith("tests/")
    source = (ROOT / row["tests"]).read_text()
    assert re.search(rf"^def {row['test']}\(", source, re.MULTILINE)


@pytest.mark.parametrize("title", SECTIONS)
def test_a_component_has_all_six_letters(title: str) -> None:
    letters = set(re.findall(r"^\| ([A-Z]) \|", SECTIONS[title], re.MULTILINE))
    assert letters == set("STRIDE")


def test_every_component_of_the_programs_is_named() -> None:
    files = [*(ROOT / "components").rglob("*.py"), *(ROOT / "deployment").rglob("*.py")]
    declared = {name for file in files for name in COMPONENT.findall(file.read_text())}
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"Components: .+", TEXT))))
    assert named == declared
    assert len(declared) >= 15


@pytest.mark.parametrize("function", [spec.name for spec in FUNCTIONS])
def test_every_function_has_lines_of_its_own(function: str) -> None:
    part = TEXT.partition(f"\n### `{function}`\n")[2].partition("\n#")[0]
    assert len(re.findall(r"^\| [A-Z] \|", part, re.MULTILINE)) >= 2


def test_no_function_is_named_that_there_is_not() -> None:
    assert set(re.findall(r"^### `([\w-]+)`", TEXT, re.MULTILINE)) == {s.name for s in FUNCTIONS}


@pytest.mark.parametrize(
    "broken",
    [
        "| X | A threat that has no letter | [a](../a) | [test_b](../tests/b.py) |",
        "| S | A threat without a control |  | [test_b](../tests/b.py) |",
        "| S | A threat without a test | [a](../a) |  |",
        "| S | | [a](../a) | [test_b](../tests/b.py) |",
    ],
)
def test_a_line_that_lacks_something_is_found(broken: str) -> None:
    assert not ROW.fullmatch(broken)
