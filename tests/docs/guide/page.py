"""Our guide, read: rows of its tables, and its blocks of commands.

A row begins with the numbers of the old guide's lines that it answers, in the section above it. A
comment before a block says what is special about it:

    <!-- settings -->        lines of `pulumi config set`: tried on the settings' model
    <!-- exit 1: why -->     runs on the embedded stack, and ends with this status
    <!-- not run: why -->    does not run in the tests

A block without a comment runs on the embedded stack and every command in it ends with status 0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
ENGLISH, JAPANESE = DOCS / "operations-guide.md", DOCS / "operations-guide.ja.md"

_HEADING = re.compile(r"#{2,4} (\d+(?:\.\d+)*)\.? .+")
_ROW = re.compile(r"\| (\d[\d, -]*) \| (.+) \| (.+) \| (.+) \|")
_COMMENT = re.compile(r"<!-- (settings|exit|not run)(?: (\d+))?(?:: (.+))? -->")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Row:
    """A row of a table. lines: ids of the old guide's lines, such as 1.4.2:1.

    words: the code in the guide's column, which quotes the lines. ours: our column, as Markdown.
    """

    lines: tuple[str, ...]
    words: tuple[str, ...]
    ours: str
    why: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The code in our column."""
        return tuple(_CODE.findall(self.ours))


@dataclass(frozen=True)
class Block:
    """A block. kind: run, settings or not run. status: what its commands end with.

    reason: why it is not run, or why it ends with another status than 0.
    """

    name: str
    commands: tuple[str, ...]
    kind: str
    status: int
    reason: str

    @property
    def section(self) -> str:
        """The section's number."""
        return self.name.partition(" ")[0]


def rows(page: Path) -> Iterator[Row]:
    """The rows of all tables, in order."""
    for section, line in _numbered(page):
        if found := _ROW.fullmatch(line):
            ids = tuple(f"{section}:{number}" for number in _numbers(found[1]))
            yield Row(ids, tuple(_CODE.findall(found[2])), found[3], found[4])


def blocks(page: Path) -> list[Block]:
    """All blocks, in order; named by section and count."""
    found = list[Block]()
    comment: re.Match[str] | None = None
    open_: list[str] | None = None
    for section, line in _numbered(page):
        if line == "```bash":
            open_ = []
        elif line == "```" and open_ is not None:
            count = 1 + sum(each.section == section for each in found)
            found.append(_block(f"{section} {count}", open_, comment))
            open_, comment = None, None
        elif open_ is not None:
            open_.append(line)
        elif given := _COMMENT.fullmatch(line):
            comment = given
    return found


def _block(name: str, commands: list[str], comment: re.Match[str] | None) -> Block:
    if comment is None:
        return Block(name, tuple(commands), "run", 0, "")
    kind = "run" if comment[1] == "exit" else comment[1]
    return Block(name, tuple(commands), kind, int(comment[2] or 0), comment[3] or "")


def _numbered(page: Path) -> Iterator[tuple[str, str]]:
    """Each line with the number of its section; 0 before the first."""
    section = "0"
    for line in page.read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.fullmatch(line):
            section = heading[1]
        yield section, line


def _numbers(text: str) -> Iterator[int]:
    for part in text.split(", "):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
