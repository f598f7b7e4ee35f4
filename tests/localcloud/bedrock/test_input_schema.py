"""Values that obey a tool's schema, and the problems of schemas."""

from typing import Any

import pytest

from localcloud.bedrock.answer import answer
from localcloud.bedrock.call import ConverseCall
from localcloud.bedrock.task_writer.input_schema import check_schema, fill


@pytest.mark.parametrize(
    ("schema", "known", "filled"),
    [
        ({"type": "string", "maxLength": 3}, "あいうえ", "あいう"),
        ({"type": "string", "minLength": 2}, None, "--"),
        ({"type": "integer", "minimum": 30, "maximum": 60}, 90, 60),
        ({"type": "integer", "minimum": 30}, None, 30),
        ({"enum": ["A", "B"]}, "B", "B"),
        ({"enum": ["A", "B"]}, "C", "A"),
        ({"type": "boolean"}, None, False),
        ({"type": "array", "items": {"type": "null"}, "minItems": 2}, None, [None, None]),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 1}, ["a", "b"], ["a"]),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {}},
                "required": ["b"],
            },
            {"a": "x", "z": 1},
            {"a": "x", "b": 0},
        ),
    ],
)
def test_a_value_obeys_its_schema(schema: dict[str, Any], known: Any, filled: Any) -> None:
    assert fill(schema, known) == filled


@pytest.mark.parametrize("count", [1, 5, 10])
def test_an_answer_has_as_many_tasks_as_the_schema_requires(count: int) -> None:
    item = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    tasks = {"type": "array", "items": item, "minItems": count, "maxItems": count}
    schema = {"type": "object", "properties": {"tasks": tasks}, "required": ["tasks"]}
    request: dict[str, Any] = {
        "messages": [{"role": "user", "content": [{"text": "部屋を片付ける"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "save", "inputSchema": {"json": schema}}}]},
    }

    content = answer(ConverseCall("nova", request, "action"))["output"]["message"]["content"]

    titles = [task["title"] for task in content[-1]["toolUse"]["input"]["tasks"]]
    assert len(set(titles)) == count


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({}, "schema.type must be one of the following: object"),
        ({"type": "object", "properties": []}, "schema.properties must be a json object"),
        ({"type": "object", "properties": {"a": 1}}, "schema.properties.a must be a schema"),
        ({"type": "object", "properties": {"a": {"type": "text"}}}, "a.type must be one of"),
        ({"type": "object", "required": "a"}, "schema.required"),
        ({"type": "object", "properties": {"a": {"enum": []}}}, "a.enum"),
        ({"type": "object", "properties": {"a": {"minimum": "1"}}}, "must be numbers"),
        ({"type": "object", "properties": {"a": {"minimum": 2, "maximum": 1}}}, "is above"),
    ],
)
def test_the_problem_of_a_schema_has_its_path(schema: dict[str, Any], problem: str) -> None:
    assert problem in " ".join(check_schema(schema, "schema"))


def test_a_valid_schema_has_no_problem() -> None:
    items: dict[str, Any] = {}
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": items}}}

    assert list(check_schema(schema, "schema")) == []
