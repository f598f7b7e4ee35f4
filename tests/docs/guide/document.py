"""docs/operations-guide-lines.md: each line of the old guide, our command, the tests that hold it.

The command is our guide's own column. The tests are the blocks of the guide that use the command,
and those that `proofs.yaml` names for the line or its section.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.docs.guide import old_guide, page

DOCUMENT = page.DOCS / "operations-guide-lines.md"
PROOFS = Path(__file__).parent / "proofs.yaml"
BLOCKS = "tests/docs/guide/test_blocks.py"

_HEAD = """\
# The old guide, line by line

<!-- Written by `python -m tests.docs.guide`; a test compares it -->

Each line of the old guide, what answers it now (why it is different is in
[operations-guide.md](operations-guide.md)), and the tests that hold that. *block*: a block of our
guide in that section, which `tests/docs/guide/test_blocks.py` runs on the embedded stack.
"""
_LONGEST = 110


def proofs() -> dict[str, list[str]]:
    """Section or line -> the tests that hold its counterpart."""
    return yaml.safe_load(PROOFS.read_text(encoding="utf-8"))


def proofs_of(row: page.Row, line: str, blocks: list[page.Block]) -> list[str]:
    """The tests that hold a row's counterpart for one of its lines."""
    named = proofs()
    section = line.partition(":")[0]
    return [*_blocks(row, blocks), *named.get(line, named.get(section, []))]


def _blocks(row: page.Row, blocks: list[page.Block]) -> Iterator[str]:
    for block in blocks:
        if block.kind == "run" and any(_uses(block, code) for code in row.codes):
            yield f"block {block.name}"


def _uses(block: page.Block, code: str) -> bool:
    """Whether a command of the block has all words of the code, such as `python -m ops goal`."""
    words = code.split()
    if words[:3] != ["python", "-m", "ops"]:
        return False
    return any(
        {*words} <= {*command.split()} and command.split()[3] == words[3]
        for command in block.commands
    )


def document() -> str:
    """The text of the document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    row_of = {line: row for row in page.rows(page.ENGLISH) for line in row.lines}
    blocks = page.blocks(page.ENGLISH)
    yield _HEAD
    yield "| line | old guide | ours | tests |"
    yield "|---|---|---|---|"
    for section in old_guide.read():
        for line, text in zip(section.ids(), section.lines, strict=True):
            row = row_of[line]
            shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
            tests = ", ".join(_short(each) for each in proofs_of(row, line, blocks))
            yield f"| {line} | {_code(shown)} | {row.ours} | {tests} |"


def _short(test: str) -> str:
    return test if test.startswith("block") else f"`{test.removeprefix('tests/')}`"


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|').replace('`', chr(39))}`"
