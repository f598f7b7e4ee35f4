"""No line of the old guide is left out, and each counterpart is held by a test."""

import re
from itertools import chain
from pathlib import Path

import pytest

from tests.docs.guide import old_guide, page
from tests.docs.guide.document import DOCUMENT, document, proofs, proofs_of

ROOT = page.DOCS.parent
ORIGINAL = ROOT.parent / "shared" / "guide" / "operations-guide.ja.md"
LINES = {
    line: text
    for section in old_guide.read()
    for line, text in zip(section.ids(), section.lines, strict=True)
}
PAGES = [page.ENGLISH, page.JAPANESE]
ROWS = [*page.rows(page.ENGLISH)]


def test_the_lines_are_those_of_the_old_guide() -> None:
    if not ORIGINAL.exists():
        pytest.skip("not run, for this machine has no ../shared/guide")
    text = ORIGINAL.read_text(encoding="utf-8")
    assert old_guide.document(old_guide.sections(text)) == old_guide.FILE.read_text("utf-8")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_line_of_the_old_guide_is_answered_once(file: Path) -> None:
    answered = [*chain.from_iterable(row.lines for row in page.rows(file))]
    assert sorted(answered) == sorted(LINES)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_row_quotes_the_lines_that_it_answers(file: Path) -> None:
    for row in page.rows(file):
        quoted = " ".join(LINES[line] for line in row.lines)
        assert row.words, row
        assert [word for word in row.words if word not in quoted] == [], row
        for line in row.lines:
            assert any(word in LINES[line] for word in row.words), (line, row.words)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_the_sections_come_in_the_guides_order(file: Path) -> None:
    order = [section.number for section in old_guide.read()]
    found = [row.lines[0].partition(":")[0] for row in page.rows(file)]
    assert [*dict.fromkeys(found)] == order


def test_both_languages_name_the_same_counterparts() -> None:
    japanese = {row.lines: row.codes for row in page.rows(page.JAPANESE)}
    assert japanese == {row.lines: row.codes for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.lines[0])
def test_every_counterpart_is_held_by_a_test(row: page.Row) -> None:
    blocks = page.blocks(page.ENGLISH)
    assert [line for line in row.lines if not proofs_of(row, line, blocks)] == []


def test_every_proof_is_a_test_that_exists() -> None:
    for named in {*chain.from_iterable(proofs().values())}:
        file, _, name = named.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), named


def test_every_proof_belongs_to_a_line_or_section() -> None:
    sections = {line.partition(":")[0] for line in LINES}
    assert {*proofs()} <= {*LINES} | sections


def test_the_table_of_lines_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "python -m tests.docs.guide"
