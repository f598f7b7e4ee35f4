"""Converse as botocore's service model defines it: the shape of a request, and its errors."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from localcloud.bedrock.task_writer.json_value import is_list, is_object


class BedrockError(Exception):
    """An error of Converse; `name` is that of botocore's model, such as ThrottlingException."""

    def __init__(self, name: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.status = status or error_statuses().get(name, HTTPStatus.BAD_REQUEST)


@cache
def service_model() -> ServiceModel:
    """The service model of bedrock-runtime that boto3 uses."""
    return ServiceModel(
        Loader(include_default_search_paths=True).load_service_model(
            "bedrock-runtime", "service-2"
        ),
        "bedrock-runtime",
    )


@cache
def error_statuses() -> Mapping[str, int]:
    """The HTTP status of every error of Converse, by the error's name."""
    errors = service_model().operation_model("Converse").error_shapes
    return {shape.name: int(shape.metadata["error"]["httpStatusCode"]) for shape in errors}


def check_shape(body: Any) -> None:
    """Raise BedrockError for a body with a wrong type, range, length, pattern or missing member.

    boto3 itself checks types and minima only; the service checks maxima, enums and patterns.
    """
    shape = service_model().operation_model("Converse").input_shape
    violations = list(_violations(shape, {"modelId": "in the path", **body}, ""))
    if violations:
        noun = "error" if len(violations) == 1 else "errors"
        message = f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
        raise BedrockError("ValidationException", message)


_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "blob": str,  # base64 on the wire
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "list": list,
    "map": dict,
    "structure": dict,
}


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.metadata.get("document"):
        return
    expected = _PYTHON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        yield _violation(value, path, f"Member must be of type {shape.type_name}")
        return
    yield from _broken_constraints(shape, value, path)
    if is_list(value):
        for index, element in enumerate(value):
            yield from _violations(shape.member, element, _join(path, str(index)))
    elif shape.type_name == "map" and is_object(value):
        for key, element in value.items():
            yield from _violations(shape.key, key, _join(path, "key"))
            yield from _violations(shape.value, element, _join(path, key))
    elif is_object(value):
        yield from _member_violations(shape, value, path)


def _member_violations(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _violation(None, _join(path, name), "Member must not be null")
    if shape.metadata.get("union") and len(value) != 1:
        yield _violation(sorted(value), path, "exactly one member of a union must be set")
    for name, member in shape.members.items():
        in_the_path = member.serialization.get("location") == "uri"
        if name in value and not in_the_path:
            yield from _violations(member, value[name], _join(path, name))


def _broken_constraints(shape: Shape, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if shape.type_name in ("integer", "long", "float", "double"):
        size, noun = value, "value"
    elif shape.type_name in ("string", "list", "map"):
        size, noun = len(value), "length"
    else:
        return
    if "min" in limits and size < limits["min"]:
        constraint = f"Member must have {noun} greater than or equal to {limits['min']}"
        yield _violation(value, path, constraint)
    if "max" in limits and size > limits["max"]:
        constraint = f"Member must have {noun} less than or equal to {limits['max']}"
        yield _violation(value, path, constraint)
    if "enum" in limits and value not in limits["enum"]:
        yield _violation(value, path, f"Member must satisfy enum value set: {limits['enum']}")
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        constraint = f"Member must satisfy regular expression pattern: {limits['pattern']}"
        yield _violation(value, path, constraint)


def _violation(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
