"""Where a YAML error comes from, which is often before the place where the parser notices it."""

import re
import unicodedata
from typing import Any

import yaml

_INDICATORS = frozenset("-:?,[]{}#&*!|>%@`'\" ")
_COLON_WITHOUT_SPACE = re.compile(r"[\s-]*\w+(:)\S")

Cause = tuple[int, int, str, str]
"""Line and column, from 1; what is there; what may be there."""


def cause(error: yaml.MarkedYAMLError, text: str) -> Cause:
    """What to show the author of a text that PyYAML cannot read."""
    noticed: Any = error.problem_mark
    mark: Any = error.context_mark
    lines = text.splitlines()
    is_key = error.context == "while scanning a simple key"
    # A key without its colon, a quote or a bracket without its end are noticed when all ends.
    if mark is None or not (is_key or noticed.line >= len(lines)):
        mark = noticed
    suspects: list[int] = [mark.line]
    if mark.line < len(lines) and ":" not in lines[mark.line][: mark.column]:
        suspects.insert(0, mark.line - 1)  # this one's first colon may be one that it lacks
    for number in suspects:
        if 0 <= number < len(lines) and (culprit := _culprit(lines[number])):
            column, found, allowed = culprit
            return number + 1, column + 1, found, allowed
    return mark.line + 1, mark.column + 1, f"broken YAML ({error.problem})", "YAML"


def _culprit(line: str) -> tuple[int, str, str] | None:
    """The column of a wrong character before the value of a line, what it is, what is right."""
    if ": " not in line and (colon := _COLON_WITHOUT_SPACE.match(line)):
        return colon.start(1), 'the character ":" without a space behind it', '": "'
    key = re.split(r": |['\"]", line)[0]
    for column, character in enumerate(key):
        meant = unicodedata.normalize("NFKC", character)
        if not character.isascii() and meant in _INDICATORS:
            name = f"U+{ord(character):04X} {unicodedata.name(character, '')}"
            shown = f'"{character}" ({name})' if character.isprintable() else name
            return column, f"the character {shown}", '": "' if meant == ":" else f'"{meant}"'
    return None
