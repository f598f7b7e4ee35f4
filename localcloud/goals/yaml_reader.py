"""Foreign YAML as plain data, with the line and column of every value.

No tags, no anchors, no repeated keys; bounded in size, depth and number of entries.
"""

from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from localcloud.goals.yaml_error import cause

MAX_BYTES = 1_000_000
"""A mandala with every text at its longest is about 700 kB of Japanese."""

_MAX_DEPTH = 12
_MAX_NODES = 5000
_SHOWN_CHARACTERS = 40

Place = tuple[str | int, ...]
"""Where a value stands in the data, as pydantic names it: ("sub_goals", 2, "title")."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a file; line and column count from 1, both 0 for the file as a whole."""

    line: int
    column: int
    field: str
    found: str
    allowed: str

    def __str__(self) -> str:
        position = f"{self.line}:{self.column}: " if self.line else " "
        return position + (f"{self.field}: " if self.field else "") + self.text

    @property
    def text(self) -> str:
        """The problem without its place."""
        return f"found {self.found}; allowed: {self.allowed}"


class UnreadableYamlError(Exception):
    """Content that cannot be read on from some place."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@dataclass
class Document:
    """The data and where each value stands; a plain 42, yes or 2027-03-14 stays the text it is."""

    longest_list: int
    data: Any = None
    marks: dict[Place, yaml.Mark] = field(default_factory=dict[Place, yaml.Mark])
    key_marks: dict[Place, yaml.Mark] = field(default_factory=dict[Place, yaml.Mark])
    problems: list[Problem] = field(default_factory=list[Problem])

    def report(self, mark: yaml.Mark, place: Place, found: str, allowed: str) -> None:
        """Add a problem."""
        self.problems.append(_problem_at(mark, path_of(place), found, allowed))

    def read(self, node: yaml.Node, place: Place) -> Any:
        """The data of a node."""
        self.marks[place] = node.start_mark
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place)
            case yaml.SequenceNode():
                return self._sequence(node, place)
            case _:
                return None if node.tag == "tag:yaml.org,2002:null" else node.value

    def _sequence(self, node: yaml.SequenceNode, place: Place) -> list[Any]:
        if len(node.value) > self.longest_list:
            mark = node.value[self.longest_list].start_mark
            self.report(mark, place, f"{len(node.value)} entries", f"at most {self.longest_list}")
        entries = node.value[: self.longest_list]
        return [self.read(entry, (*place, i)) for i, entry in enumerate(entries)]

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.report(key.start_mark, place, "a list or mapping as a key", "a word")
                continue
            inside = (*place, key.value)
            if key.value in data:
                self.report(key.start_mark, inside, "the key a second time", "each key once")
                continue
            self.key_marks[inside] = key.start_mark
            data[key.value] = self.read(value, inside)
        return data


def load(content: bytes, longest_list: int) -> Document:
    """Read a file's content; longer lists are a problem, and cut. Raises UnreadableYamlError."""
    document = Document(longest_list)
    node = _node(_text(content))
    document.data = document.read(node, ())
    return document


def path_of(place: Place) -> str:
    """A place as people count, from 1: sub_goals[3].title."""
    return "".join(f"[{p + 1}]" if isinstance(p, int) else f".{shown_key(p)}" for p in place)[1:]


def shown_key(key: str) -> str:
    """A key as it can be printed."""
    return key if key.isprintable() and len(key) <= _SHOWN_CHARACTERS else shown(key)


def shown(text: str) -> str:
    """A text as it can be printed: quoted, escaped where need be, and not too long."""
    start = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text[:_SHOWN_CHARACTERS]
    )
    if len(text) > _SHOWN_CHARACTERS:
        return f'"{start}..." ({len(text)} characters)'
    return f'"{start}"'


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        problem = Problem(0, 0, "", "a larger file", f"at most {MAX_BYTES:,} bytes")
        raise UnreadableYamlError(problem)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        found = (
            f"the byte 0x{content[error.start]:02x}, not UTF-8 (is the file Shift_JIS or UTF-16?)"
        )
        raise UnreadableYamlError(
            Problem(line, column, "", found, "a file saved as UTF-8")
        ) from None


def _node(text: str) -> yaml.Node:
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        before = text[: error.position].split("\n")
        found = f"the character {shown(text[error.position])}"
        problem = Problem(len(before), len(before[-1]) + 1, "", found, "printable text")
        raise UnreadableYamlError(problem) from None
    except yaml.MarkedYAMLError as error:
        line, column, found, allowed = cause(error, text)
        raise UnreadableYamlError(Problem(line, column, "", found, allowed)) from None
    except (
        ValueError,
        OverflowError,
    ):  # chr() and int(), of whatever is written
        found = "a character beyond U+10FFFF, or a number too long"
        mark = loader and loader.get_mark()
        raise UnreadableYamlError(_problem_at(mark, "", found, "YAML")) from None
    if node is None:
        raise UnreadableYamlError(Problem(0, 0, "", "an empty file", "one YAML mapping"))
    return node


class _Loader(yaml.SafeLoader):
    """PyYAML's nodes, without what a plain file has no use for."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = cast(yaml.Event, self.peek_event())  # pyright: ignore[reportUnknownMemberType]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "an anchor or alias (a text that starts with & or * needs quotes)")
        if getattr(event, "tag", None):
            self._refuse(event, "a tag (a text that starts with ! needs quotes)")
        self.nodes += 1
        if self.depth == _MAX_DEPTH or self.nodes > _MAX_NODES:
            self._refuse(event, f"over {_MAX_NODES} entries, or over {_MAX_DEPTH} in one another")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refuse(self, event: yaml.Event, found: str) -> None:
        raise UnreadableYamlError(
            _problem_at(event.start_mark, "", found, "plain lists and mappings")
        )


def _problem_at(mark: Any, field: str, found: str, allowed: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(line, column, field, found, allowed)
