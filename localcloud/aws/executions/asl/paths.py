"""JSONPath as AWS reads it, which is Jayway's (github.com/json-path/JsonPath), messages included.

A definite path names one value or fails. A path with a wildcard, slice, filter, union or deep scan
names a list; on AWS an empty one where Jayway would fail for a missing property before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from localcloud.aws.executions.asl.filters import Filter, parse_filter
from localcloud.aws.executions.errors import PathNotFoundError
from localcloud.aws.ministack import Json

_NAME = re.compile(r"[^.\[\]()\s]+")
_QUOTED = re.compile(r"""\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*(,?)""")
_INDEXES = re.compile(r"\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
_SLICE = re.compile(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*\]")


@dataclass(frozen=True)
class _Properties:
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"


@dataclass(frozen=True)
class _Elements:
    indexes: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"


@dataclass(frozen=True)
class _Slice:
    start: int | None
    stop: int | None


@dataclass(frozen=True)
class _Wildcard:
    pass


@dataclass(frozen=True)
class _DeepScan:
    pass


_Step = _Properties | _Elements | _Slice | _Wildcard | _DeepScan | Filter


def read(path: str, document: Any) -> Any:
    """What a path that begins with `$` names in a document; PathNotFoundError."""
    steps = parse(path)
    if all(_is_definite(step) for step in steps):
        return _read_definite(steps, path, document)
    found: list[Any] = [document]
    for step in steps:
        found = [value for each in found for value in _select(step, each)]
    return found


@lru_cache(maxsize=1024)
def parse(path: str) -> tuple[_Step, ...]:
    """The steps of a path; PathNotFoundError if it cannot be read as one."""
    steps: list[_Step] = []
    at = 1
    while at < len(path):
        step, at = _parse_step(path, at)
        steps.append(step)
    return tuple(steps)


def _parse_step(path: str, at: int) -> tuple[_Step, int]:
    if path.startswith("..", at):
        # what follows is a step of its own; its dot is gone
        following = path[at + 2 : at + 3]
        if not following:
            raise PathNotFoundError(f"Could not parse token at position {at}: {path}", path)
        return _DeepScan(), at + 2 if following == "[" else at + 1
    if path[at] == ".":
        if path.startswith("*", at + 1):
            return _Wildcard(), at + 2
        if path.startswith("[", at + 1):
            return _parse_bracket(path, at + 2)
        if name := _NAME.match(path, at + 1):
            return _Properties((name[0],)), name.end()
    elif path[at] == "[":
        return _parse_bracket(path, at + 1)
    raise PathNotFoundError(f"Illegal character at position {at}: {path}", path)


def _parse_bracket(path: str, at: int) -> tuple[_Step, int]:
    if path.startswith("*]", at):
        return _Wildcard(), at + 2
    if path.startswith("?", at):
        return parse_filter(path, at + 1, read)
    if indexes := _INDEXES.match(path, at):
        return _Elements(tuple(int(each) for each in indexes[1].split(","))), indexes.end()
    if bounds := _SLICE.match(path, at):
        start, stop = (int(each) if each else None for each in bounds.groups())
        return _Slice(start, stop), bounds.end()
    names: list[str] = []
    while name := _QUOTED.match(path, at):
        names.append(re.sub(r"\\(.)", r"\1", name[1] if name[1] is not None else name[2]))
        at = name.end()
        if not name[3]:
            break
    if names and path.startswith("]", at):
        return _Properties(tuple(names)), at + 1
    raise PathNotFoundError(f"Could not parse token starting at position {at}: {path}", path)


def _is_definite(step: _Step) -> bool:
    match step:
        case _Properties(names):
            return len(names) == 1
        case _Elements(indexes):
            return len(indexes) == 1
        case _:
            return False


def _read_definite(steps: tuple[_Step, ...], path: str, document: Any) -> Any:
    value = document
    for number, step in enumerate(steps, start=1):
        found = list(_select(step, value))
        if not found:
            problem = _missing(steps[:number], value, is_last=number == len(steps))
            raise PathNotFoundError(problem or _nothing(steps), path, document)
        value = found[0]
    return value


def _missing(steps: tuple[_Step, ...], value: Any, *, is_last: bool) -> str | None:
    """Why the last of some steps finds nothing in a value; None if that is all there is to say."""
    step, before = steps[-1], _written(steps[:-1])
    if isinstance(step, _Elements) and not isinstance(value, list):
        return f"Filter: {step} can only be applied to arrays. Current context is: {value}"
    if isinstance(step, _Properties) and not isinstance(value, dict):
        return (
            f"Expected to find an object with property {step} in path {before} but found "
            f"'{_java_class(value)}'. This is not a json object according to the JsonProvider: "
            "'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'."
        )
    if isinstance(step, _Properties) and not is_last:
        return f"Missing property in path {_written(steps)}"
    return None


def _nothing(steps: tuple[_Step, ...]) -> str:
    return f"No results for path: {_written(steps)}"


def _written(steps: tuple[_Step, ...]) -> str:
    return "$" + "".join(str(step) for step in steps)


def _select(step: _Step, value: Any) -> Iterator[Any]:
    """All that a step finds in a value."""
    if isinstance(step, _DeepScan):
        yield value
        for each in _children(value):
            yield from _select(step, each)
    elif isinstance(step, _Wildcard):
        yield from _children(value)
    elif isinstance(value, dict):
        yield from _select_from_object(step, cast("Json", value))
    elif isinstance(value, list):
        yield from _select_from_array(step, cast("list[Any]", value))


def _select_from_object(step: _Step, value: Json) -> Iterator[Any]:
    match step:
        case _Properties((name,)):
            if name in value:
                yield value[name]
        case _Properties(names):
            yield {name: value[name] for name in names if name in value}
        case Filter() if step.accepts(value):
            yield value
        case _:
            return


def _select_from_array(step: _Step, value: list[Any]) -> Iterator[Any]:
    match step:
        case _Elements(indexes):
            yield from (value[each] for each in indexes if -len(value) <= each < len(value))
        case _Slice(start, stop):
            yield from value[start:stop]
        case Filter():
            yield from (each for each in value if step.accepts(each))
        case _:
            return


def _children(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(cast("Json", value).values())
        case list():
            return cast("list[Any]", value)
        case _:
            return []


def _java_class(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "java.lang.Boolean"
        case int():
            return "java.lang.Integer"
        case float():
            return "java.lang.Double"
        case str():
            return "java.lang.String"
        case _:
            return "net.minidev.json.JSONArray"
