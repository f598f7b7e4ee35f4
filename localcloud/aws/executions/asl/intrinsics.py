"""The intrinsic functions of JSONPath states: `States.Format('{} of {}', $.done, $.total)`.

Developer guide, "Intrinsics for JSONPath states in Step Functions"; the specification, Appendix B.
"""

import base64
import hashlib
import json
import math
import random
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from localcloud.aws.executions.history import compact
from localcloud.aws.ministack import ExecutionError

_TOKEN = re.compile(
    r"""\s*(?:
      '(?P<string>(?:\\.|[^'\\])*)'
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<word>true|false|null)\b
    | (?P<call>States\.\w+)\s*\(
    | (?P<path>\$(?:[^,()\[\]'"\s]|\[(?:[^\[\]'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\])*)
    )\s*""",
    re.VERBOSE,
)
_ALGORITHMS = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}
_TEXT_LIMIT = 10_000
"""Characters that Base64Encode, Base64Decode and Hash take (developer guide)."""

_RANGE_LIMIT = 1_000
"""Elements of an ArrayRange (developer guide)."""

_Lookup = Callable[[str], Any]


def call(expression: str, lookup: _Lookup) -> Any:
    """The value of a call; ExecutionError (States.IntrinsicFailure).

    lookup: what a path among the arguments names.
    """
    value, end = _operand(expression, 0, lookup)
    if expression[end:].strip():
        raise _failure(expression, f"unexpected text at position {end}")
    return value


def _operand(text: str, at: int, lookup: _Lookup) -> tuple[Any, int]:
    token = _TOKEN.match(text, at)
    if token is None:
        raise _failure(text, f"unexpected text at position {at}")
    match token.lastgroup:
        case "string":
            # a template of Format still needs to tell its braces from escaped ones
            return re.sub(r"\\([^{}])", r"\1", token["string"]), token.end()
        case "number":
            number = token["number"]
            return (float if re.search("[.eE]", number) else int)(number), token.end()
        case "word":
            return {"true": True, "false": False, "null": None}[token["word"]], token.end()
        case "path":
            return lookup(token["path"]), token.end()
        case _:
            arguments, end = _arguments(text, token.end(), lookup)
            return _apply(text, token["call"], arguments), end


def _arguments(text: str, at: int, lookup: _Lookup) -> tuple[list[Any], int]:
    arguments: list[Any] = []
    while not text.startswith(")", at):
        argument, at = _operand(text, at, lookup)
        arguments.append(argument)
        if text.startswith(",", at):
            at += 1
        elif not text.startswith(")", at):
            raise _failure(text, f"unexpected text at position {at}")
    end = at + 1
    return arguments, end + len(text[end:]) - len(text[end:].lstrip())


def _apply(expression: str, name: str, arguments: list[Any]) -> Any:
    function = _FUNCTIONS.get(name.removeprefix("States."))
    if function is None:
        raise _failure(expression, "there is no such function")
    try:
        return function(*arguments)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise _failure(expression, f"Invalid arguments in {name}: {error}") from error


def _failure(expression: str, problem: str) -> ExecutionError:
    return ExecutionError(
        "States.IntrinsicFailure", f"The function '{expression}' had the following error: {problem}"
    )


def _format(template: str, *values: Any) -> str:
    pieces = re.split(r"(?<!\\)\{\}", template)
    if len(pieces) != len(values) + 1:
        raise ValueError(f"{len(pieces) - 1} placeholders for {len(values)} values")
    literals = [re.sub(r"\\([{}])", r"\1", piece) for piece in pieces]
    written = [value if isinstance(value, str) else compact(value) for value in values]
    return "".join(f"{text}{value}" for text, value in zip(literals, [*written, ""], strict=True))


def _partition(array: list[Any], size: float) -> list[list[Any]]:
    step = _whole(size)
    if step <= 0:
        raise ValueError("the size of a chunk must be positive")
    return [array[start : start + step] for start in range(0, len(array), step)]


def _range(first: float, last: float, step: float) -> list[int]:
    by = _whole(step)
    found = range(_whole(first), _whole(last) + (1 if by > 0 else -1), by)
    if len(found) > _RANGE_LIMIT:
        raise ValueError(f"more than {_RANGE_LIMIT} elements")
    return list(found)


def _unique(array: list[Any]) -> list[Any]:
    seen: dict[str, Any] = {}
    for each in array:
        seen.setdefault(json.dumps(each, sort_keys=True), each)
    return list(seen.values())


def _contains(array: list[Any], value: Any) -> bool:
    return any(type(each) is type(value) and each == value for each in array)


def _item(array: list[Any], index: int) -> Any:
    if index < 0:
        raise IndexError("a negative index")
    return array[index]


def _encode(text: str) -> str:
    return base64.b64encode(_short(text).encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(_short(text) + "=" * (-len(text) % 4)).decode()


def _hash(value: Any, algorithm: str) -> str:
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"{algorithm} is none of {', '.join(sorted(_ALGORITHMS))}")
    text = value if isinstance(value, str) else compact(value)
    return hashlib.new(algorithm.replace("-", "").lower(), _short(text).encode()).hexdigest()


def _merge(first: dict[str, Any], second: dict[str, Any], deep: bool) -> dict[str, Any]:
    if deep:
        raise ValueError("deep merging is not supported")
    return {**first, **second}


def _sum(first: float, second: float) -> int:
    return _whole(first) + _whole(second)


def _random(start: float, end: float, seed: float | None = None) -> int:
    source = random.Random(seed) if seed is not None else random  # noqa: S311
    return source.randrange(_whole(start), _whole(end))


def _split(text: str, delimiters: str) -> list[str]:
    return [part for part in re.split(f"[{re.escape(delimiters)}]", text) if part]


def _short(text: str) -> str:
    if len(text) > _TEXT_LIMIT:
        raise ValueError(f"more than {_TEXT_LIMIT} characters")
    return text


def _whole(number: float) -> int:
    """A number rounded to the nearest whole one, as the guide says of non-integers."""
    return math.floor(number + 0.5)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Array": lambda *values: list(values),
    "ArrayContains": _contains,
    "ArrayGetItem": _item,
    "ArrayLength": len,
    "ArrayPartition": _partition,
    "ArrayRange": _range,
    "ArrayUnique": _unique,
    "Base64Decode": _decode,
    "Base64Encode": _encode,
    "Format": _format,
    "Hash": _hash,
    "JsonMerge": _merge,
    "JsonToString": compact,
    "MathAdd": _sum,
    "MathRandom": _random,
    "StringSplit": _split,
    "StringToJson": json.loads,
    "UUID": lambda: str(uuid4()),
}
