"""docs/openapi.yaml is valid and complete, and the functions answer as it documents."""

import copy
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
import yaml

from handlers.api import errors
from handlers.api.errors import ApiErrorCode
from handlers.api.messages import MESSAGE_BY_ERROR_CODE
from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import ActionStatus, ExecutionStatus
from tests.handlers import gateway
from tests.handlers.api.conftest import Api
from tests.handlers.gateway import ROUTES, ApiAnswer, User
from tests.handlers.world import ProductGoal, World

DOCUMENT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[3] / "docs/openapi.yaml").read_text(encoding="utf-8")
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if method != "parameters"
]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to; anything else is itself."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def closed(node: Any) -> Any:
    """The same schemas, with no room for a property that is not documented."""
    if isinstance(node, list):
        return [closed(each) for each in cast(list[Any], node)]
    if not isinstance(node, dict):
        return node
    known = cast(dict[str, Any], node)
    inner = {name: closed(value) for name, value in known.items()}
    return {"additionalProperties": False, **inner} if "properties" in known else inner


def problems(schema: dict[str, Any], instance: object) -> list[str]:
    """Where an instance is not as documented."""
    # imported where it is used: 1.5 s, which each worker would take to collect
    from jsonschema import Draft202012Validator, FormatChecker

    document = {"components": {"schemas": closed(copy.deepcopy(SCHEMAS))}, **closed(schema)}
    validator = Draft202012Validator(document, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]  # pyright: ignore


def operation_of(method: str, path: str) -> dict[str, Any]:
    return DOCUMENT["paths"][path][method.lower()]


def parameters_of(method: str, path: str) -> list[dict[str, Any]]:
    item = DOCUMENT["paths"][path]
    declared = [*item.get("parameters", []), *operation_of(method, path).get("parameters", [])]
    return [resolved(each) for each in declared]


def media_of(method: str, path: str, status: int) -> dict[str, Any]:
    responses = operation_of(method, path)["responses"]
    assert str(status) in responses, f"{method} {path} answers {status}, undocumented"
    return resolved(responses[str(status)])["content"]["application/json"]


def check(answer: ApiAnswer, method: str, path: str) -> None:
    """The answer is documented, status and shape."""
    assert problems(media_of(method, path, answer.status)["schema"], answer.body) == []


def examples_of(media: dict[str, Any]) -> Iterator[object]:
    if "example" in media:
        yield media["example"]
    for example in media.get("examples", {}).values():
        yield example["value"]


def test_the_document_is_valid() -> None:
    # imports jsonschema
    import openapi_spec_validator

    openapi_spec_validator.validate(DOCUMENT)


def test_every_route_is_documented_and_no_other() -> None:
    assert sorted(OPERATIONS) == sorted((route.method, route.path) for route in ROUTES)


def test_the_public_routes_are_those_without_a_token() -> None:
    for route in ROUTES:
        security = operation_of(route.method, route.path).get("security", DOCUMENT["security"])
        assert (security == []) == route.public


def test_the_documented_values_are_those_of_the_enums() -> None:
    assert SCHEMAS["Status"]["enum"] == list(ExecutionStatus)
    assert SCHEMAS["ActionStatus"]["enum"] == list(ActionStatus)
    assert SCHEMAS["ErrorCode"]["enum"] == list(ErrorCode)
    error = SCHEMAS["Error"]["properties"]["error"]
    assert error["properties"]["code"]["enum"] == list(ApiErrorCode)


def test_every_error_code_has_a_message_in_japanese() -> None:
    assert set(MESSAGE_BY_ERROR_CODE) == set(ErrorCode)
    for message in MESSAGE_BY_ERROR_CODE.values():
        assert re.search("[ぁ-ん].*。$", message)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_documented_answer_has_an_example_that_is_one(method: str, path: str) -> None:
    for status, response in operation_of(method, path)["responses"].items():
        media = resolved(response)["content"]["application/json"]
        examples = list(examples_of(media))
        assert examples, f"{method} {path} {status}"
        for example in examples:
            assert problems(media["schema"], example) == []


def test_documented_messages_are_those_that_are_sent() -> None:
    sent = [
        errors.unavailable(),
        errors.internal_error(),
        errors.execution_not_found(),
        errors.goal_not_found(),
        errors.nothing_failed(),
        errors.already_ended(),
        errors.finishing(),
        errors.already_running("0192f3c9-7d1e-7abc-8def-0123456789ab"),
    ]
    documented = str(DOCUMENT)
    for error in sent:
        assert error.message in documented
        assert error.status in HTTPStatus


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_documented_example_of_a_request_is_accepted(
    world: World, goal: ProductGoal, execution: str, method: str, path: str
) -> None:
    ids = {"goalId": goal.goal_id, "executionId": execution}  # in place of the document's
    if "retry" in path or "start" in path:
        for action_id in goal.action_ids:
            world.fail(execution, action_id, ErrorCode.DEADLINE)
        world.finish(goal, execution)
    examples = {
        each["name"]: (each["in"], str(each["example"]))
        for each in parameters_of(method, path)
        if "example" in each
    }
    query = {name: value for name, (where, value) in examples.items() if where == "query"}
    headers = {name: value for name, (where, value) in examples.items() if where == "header"}
    body = resolved(operation_of(method, path).get("requestBody", {}))
    [example] = examples_of(body["content"]["application/json"]) if body else [None]
    if example is not None:
        assert problems(body["content"]["application/json"]["schema"], example) == []
    target = path.format(**ids) + (f"?{urlencode(query)}" if query else "")
    owner = User(goal.user_id)
    answer = gateway.request(owner, method, target, json_body=example, headers=headers)
    assert answer.status in (200, 202), answer.body
    check(answer, method, path)


def test_every_answer_in_the_life_of_an_execution_is_as_documented(
    api: Api, world: World, goal: ProductGoal
) -> None:
    """The web client's sequence: start, poll by the ARN, retry, cancel; and the lists."""
    owner, admin = User(goal.user_id), User(str(uuid4()), ("admin",))
    start, cancel = "/goals/{goalId}/start-activity", "/workflows/{executionId}/cancel"
    status, retry = "/workflows/{executionId}/status", "/workflows/{executionId}/retry"

    def ask(
        user: User, method: str, path: str, execution_id: str = "", query: str = ""
    ) -> ApiAnswer:
        target = path.format(goalId=goal.goal_id, executionId=quote(execution_id, safe=""))
        answer = api(user, method, target + query)
        check(answer, method, path)
        return answer

    def look(execution_id: str) -> dict[str, Any]:
        ask(admin, "GET", "/workflows/{executionId}/actions", execution_id)
        for path in ("/workflows", "/goals/{goalId}/workflows"):
            ask(owner, "GET", path, query="?limit=1")
        return ask(owner, "GET", status, execution_id).body

    first = ask(owner, "POST", start).body
    look(first["executionArn"])
    ask(owner, "POST", start)
    world.prepare(goal, first["executionId"])
    world.generate(first["executionId"], goal.action_ids[0])
    world.fail(first["executionId"], goal.action_ids[1], ErrorCode.MODEL_THROTTLED)
    assert look(first["executionArn"])["progressPercentage"] == 50
    world.finish(goal, first["executionId"])
    assert look(first["executionArn"])["status"] == "PARTIALLY_SUCCEEDED"
    assert ask(owner, "POST", cancel, first["executionArn"]).status == 409
    second = ask(owner, "POST", retry, first["executionArn"]).body
    look(second["executionArn"])
    assert ask(owner, "POST", cancel, second["executionArn"]).body["status"] == "ABORTED"
    assert look(second["executionArn"])["status"] == "ABORTED"
    assert ask(owner, "POST", retry, second["executionArn"]).status == 409
    for wrong in ("x", str(uuid4())):
        for method, path in (("GET", status), ("POST", cancel), ("POST", retry)):
            assert ask(owner, method, path, wrong).status in (400, 404)
    assert ask(owner, "GET", "/workflows", query="?limit=0&cursor=x&page=1").status == 400
