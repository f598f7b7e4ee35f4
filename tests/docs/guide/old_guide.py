"""The old guide's lines, by section number: what each counterpart of ours is held against.

A line is what a reader does or looks up: a command, a variable, an item of a list, a row of a
table, a symptom; a query or a policy document is one line. `lines.yaml` holds them;
`python -m tests.docs.guide.old_guide GUIDE` writes it from the guide's Markdown.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "lines.yaml"

_HEADING = re.compile(r"(#{2,4}) (?:\d+\. )?(.+)")
_ITEM = re.compile(r"- (?:\[ \] )?(.+)|\*\*((?:症状|原因)\*\*: .+)")
_ROW = re.compile(r"\| (?!-)(.+) \|")
_ABOUT_THE_PAGE = ("概要", "目次")


@dataclass(frozen=True)
class GuideSection:
    """A section that has lines; `number` such as 1.4.2, `title` in the guide's words."""

    number: str
    title: str
    lines: list[str]

    def ids(self) -> list[str]:
        """An id for each line, such as 1.4.2:1."""
        return [f"{self.number}:{count}" for count in range(1, len(self.lines) + 1)]


def read() -> list[GuideSection]:
    """The sections of `lines.yaml`, in the guide's order."""
    return [GuideSection(**each) for each in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def sections(markdown: str) -> list[GuideSection]:
    """The sections of the guide's Markdown that have lines."""
    counters = [0, 0, 0]
    found = list[GuideSection]()
    for marks, title, body in _parts(markdown):
        level = len(marks) - 2
        if title in _ABOUT_THE_PAGE:
            continue
        counters[level:] = [counters[level] + 1, *[0] * (2 - level)]
        number = ".".join(str(each) for each in counters if each)
        if lines := [*_lines(body)]:
            found.append(GuideSection(number, title, lines))
    return found


def _parts(markdown: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each heading's marks and title, and the rows up to the next heading."""
    part: tuple[str, str, list[str]] | None = None
    fenced = False
    for row in markdown.splitlines():
        fenced ^= row.startswith("```")
        heading = None if fenced else _HEADING.fullmatch(row)
        if heading:
            if part:
                yield part
            part = (heading[1], heading[2], [])
        elif part:
            part[2].append(row)
    if part:
        yield part


def _lines(rows: Sequence[str]) -> Iterator[str]:
    text = "\n".join(rows)
    header = True
    for piece in re.split(r"(```\w+\n.*?\n```)", text, flags=re.DOTALL):
        if block := re.fullmatch(r"```(\w+)\n(.*)\n```", piece, re.DOTALL):
            yield from _block(block[1], block[2])
            continue
        for row in piece.splitlines():
            if item := _ITEM.fullmatch(row):
                yield (item[1] or item[2]).replace("**", "").strip()
            elif cells := _ROW.fullmatch(row):
                if not header:
                    yield " | ".join(cell.strip() for cell in cells[1].split("|"))
                header = False


def _block(language: str, text: str) -> Iterator[str]:
    if language in ("json", "sql") or text.lstrip().startswith("// State Machine"):
        yield " ".join(text.split())
        return
    joined = re.sub(r" *\\\n *", " ", text)
    yield from (row for row in joined.splitlines() if row and not re.match(r"#|//", row))


def document(found: Sequence[GuideSection]) -> str:
    """The text of `lines.yaml`: texts as JSON, each on one line."""
    texts = ["# Written by `python -m tests.docs.guide.old_guide GUIDE`."]
    for each in found:
        title = json.dumps(each.title, ensure_ascii=False)
        texts += [f'- number: "{each.number}"', f"  title: {title}", "  lines:"]
        texts += [f"    - {json.dumps(line, ensure_ascii=False)}" for line in each.lines]
    return "\n".join(texts) + "\n"


if __name__ == "__main__":
    guide = Path(sys.argv[1]).read_text(encoding="utf-8")
    FILE.write_text(document(sections(guide)), encoding="utf-8")
