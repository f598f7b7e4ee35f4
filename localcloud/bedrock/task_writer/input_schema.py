"""JSON Schema in tool definitions: checks a schema, and makes a value that obeys it."""

from collections.abc import Iterator
from typing import Any

from localcloud.bedrock.task_writer.json_value import is_list, is_object

Schema = dict[str, Any]

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_RANGES = (("minItems", "maxItems"), ("minLength", "maxLength"), ("minimum", "maximum"))


def check_schema(schema: Schema, path: str) -> Iterator[str]:
    """Yield the problems of a tool's input schema."""
    if schema.get("type") != "object":
        # Bedrock's message (github.com/aaif-goose/goose/pull/5064)
        yield f"The value at {path}.type must be one of the following: object."
    else:
        yield from _problems(schema, path)


def _problems(schema: Any, path: str) -> Iterator[str]:
    if not is_object(schema):
        yield f"The value at {path} must be a schema, that is a json object."
        return
    kind = schema.get("type")
    if kind is not None and kind not in _TYPES:
        yield f"The value at {path}.type must be one of the following: {', '.join(_TYPES)}."
    properties = schema.get("properties", {})
    if not is_object(properties):
        yield f"The value at {path}.properties must be a json object."
        return
    for name, member in properties.items():
        yield from _problems(member, f"{path}.properties.{name}")
    if "items" in schema:
        yield from _problems(schema["items"], f"{path}.items")
    elif kind == "array":
        yield f"The value at {path}.items must be a schema."
    required = schema.get("required", [])
    if not is_list(required) or any(name not in properties for name in required):
        yield f"The value at {path}.required, {required}, must list names of {path}.properties."
    if "enum" in schema and not (is_list(schema["enum"]) and schema["enum"]):
        yield f"The value at {path}.enum must be a list of at least one value."
    for low, high in _RANGES:
        limits = [schema[key] for key in (low, high) if key in schema]
        if any(isinstance(limit, bool) or not isinstance(limit, int | float) for limit in limits):
            yield f"The values at {path}.{low} and {path}.{high} must be numbers."
        elif limits != sorted(limits):
            yield f"The value at {path}.{low} is above that at {path}.{high}."


def fill(schema: Schema, known: Any = None) -> Any:
    """Make a value that obeys the schema, from the known value as far as it fits.

    Members of known objects and arrays are used one by one. A known member that the schema does not
    have is left out; a required member that is not known gets the smallest allowed value.
    """
    if "enum" in schema:
        return known if known in schema["enum"] else schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, known if is_object(known) else {})
        case "array":
            elements = known if is_list(known) else []
            elements = elements[: schema.get("maxItems", len(elements))]
            missing = [None] * (schema.get("minItems", 0) - len(elements))
            return [fill(schema["items"], element) for element in [*elements, *missing]]
        case "integer" | "number":
            value = max(known if isinstance(known, int) else 0, schema.get("minimum", -(10**9)))
            return min(value, schema.get("maximum", value))
        case "boolean" | "null" as kind:
            return False if kind == "boolean" else None
        case _:
            text = known if isinstance(known, str) else ""
            return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "-")


def _object(schema: Schema, known: dict[str, Any]) -> dict[str, Any]:
    return {
        name: fill(member, known.get(name))
        for name, member in schema.get("properties", {}).items()
        if name in known or name in schema.get("required", [])
    }
