"""Converse over HTTP, with boto3's client."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.generation.answer import read_tasks
from handlers.generation.repair import repair_messages
from handlers.generation.rules import RULES
from localcloud.bedrock.server import ModelServer

RequestFor = Callable[..., dict[str, Any]]
Change = Callable[[dict[str, Any]], object]


def test_an_answer_calls_the_tool_and_obeys_the_rules(client: Any, request_for: RequestFor) -> None:
    answer = client.converse(**request_for())

    assert answer["stopReason"] == "tool_use"
    content = answer["output"]["message"]["content"]
    assert 3 <= len(read_tasks("tool_use", content, RULES["EXECUTION"]).tasks) <= 10


def test_an_answer_is_about_the_requested_action(client: Any, request_for: RequestFor) -> None:
    request = request_for(
        "競合サービス3社の料金を比較する", action_constraints="費用は月1万円まで。"
    )

    content = client.converse(**request)["output"]["message"]["content"]

    tasks = read_tasks("tool_use", content, RULES["EXECUTION"]).tasks
    assert any("競合サービス3社の料金" in task.title for task in tasks)
    assert "費用は月1万円まで" in tasks[-1].description


def test_tokens_grow_with_the_texts_read_and_written(client: Any, request_for: RequestFor) -> None:
    short = client.converse(**request_for())["usage"]
    long = client.converse(**request_for(goal_background="あ" * 1000))["usage"]

    assert long["inputTokens"] == pytest.approx(short["inputTokens"] + 1000, abs=30)
    assert long["outputTokens"] > 100
    assert long["totalTokens"] == long["inputTokens"] + long["outputTokens"]


def test_the_model_id_can_be_the_arn_of_a_profile(client: Any, request_for: RequestFor) -> None:
    arn = (
        "arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/apac.amazon.nova-micro-v1:0"
    )

    assert client.converse(**{**request_for(), "modelId": arn})["stopReason"] == "tool_use"


def test_without_tools_the_answer_is_text(client: Any, request_for: RequestFor) -> None:
    request = request_for()
    del request["toolConfig"]

    answer = client.converse(**request)

    assert answer["stopReason"] == "end_turn"
    assert "分)" in answer["output"]["message"]["content"][0]["text"]


def test_an_answer_longer_than_max_tokens_is_truncated(
    client: Any, request_for: RequestFor
) -> None:
    answer = client.converse(**request_for() | {"inferenceConfig": {"maxTokens": 50}})

    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == 50


def test_answers_depend_on_seed_action_and_call_number_not_on_order_or_threads(
    running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    requests = [request_for(action_id=f"action-{number}") for number in range(12)] * 2

    def answers(order: int, workers: int) -> dict[str, list[str]]:
        with running() as server, ThreadPoolExecutor(workers) as pool:
            client = client_for(server.url)
            contents = list(pool.map(partial(_content, client), requests[::order]))
            client.close()
        return {
            action: sorted(str(content) for owner, content in contents if owner == action)
            for action, _ in contents
        }

    in_turn = answers(1, 1)
    assert answers(-1, 24) == in_turn
    assert len({contents[0] for contents in in_turn.values()}) == 12
    assert all(first != second for first, second in in_turn.values())


def test_another_seed_gives_other_answers(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    first = _content(client, request_for())
    server.control.reset()
    same = _content(client, request_for())
    server.control.reset()
    server.control.change({"seed": 2})

    assert same == first
    assert _content(client, request_for()) != first


def test_a_repair_turn_gets_a_valid_answer(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": "wrong-schema", "times": 1}}})
    request = request_for()
    wrong = client.converse(**request)["output"]["message"]["content"]

    request["messages"] = repair_messages(request["messages"][0], wrong, ["tasks: too few"])
    repaired = client.converse(**request)["output"]["message"]["content"]

    assert read_tasks("tool_use", repaired, RULES["EXECUTION"])


def _tool(request: dict[str, Any]) -> dict[str, Any]:
    return request["toolConfig"]["tools"][0]["toolSpec"]


def _set(*path: str | int, to: Any) -> Change:
    def change(request: dict[str, Any]) -> None:
        target: Any = request
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = to

    return change


_USER = {"role": "user", "content": [{"text": "続けて"}]}
_USE: dict[str, Any] = {"toolUseId": "use-1", "name": "save_tasks", "input": {}}
_USED: dict[str, Any] = {"role": "assistant", "content": [{"toolUse": _USE}]}


def _answered(**changes: Any) -> dict[str, Any]:
    result = {"toolUseId": "use-1", "content": [{"text": "誤り"}], "status": "error", **changes}
    return {"role": "user", "content": [{"toolResult": result}]}


def _schema(**changes: Any) -> Change:
    return lambda request: _tool(request)["inputSchema"]["json"].update(changes)


REFUSED: dict[str, tuple[Change, str]] = {
    "a temperature above 1": (_set("inferenceConfig", "temperature", to=1.5), "temperature"),
    "more tokens than Nova writes": (_set("inferenceConfig", "maxTokens", to=9000), "5120"),
    "metadata with characters that are not allowed": (
        _set("requestMetadata", "goal", to="目標"),
        "requestMetadata.goal",
    ),
    "too much metadata": (
        _set("requestMetadata", to={f"key{number}": "x" for number in range(17)}),
        "length less than or equal to 16",
    ),
    "no message": (_set("messages", to=[]), "must start with a user message"),
    "an answer first": (_set("messages", to=[_USED]), "must start with a user message"),
    "two user messages in a row": (lambda request: request["messages"].append(_USER), "alternate"),
    "a blank text": (_set("messages", 0, "content", to=[{"text": " \n"}]), "blank"),
    "an image": (
        _set(
            "messages",
            0,
            "content",
            to=[{"image": {"format": "png", "source": {"bytes": b"x"}}}],
        ),
        "doesn't support the image field",
    ),
    "a tool use without its result": (
        lambda request: request["messages"].extend([_USED, _USER]),
        "Expected toolResult blocks at messages.2.content for the following Ids: use-1",
    ),
    "a result without a tool use": (
        _set("messages", to=[_answered()]),
        "exceeds the number of toolUse blocks",
    ),
    "an error without content": (
        lambda request: request["messages"].extend([_USED, _answered(content=[])]),
        "cannot be empty when status value is error",
    ),
    "a result that is a list": (
        lambda request: request["messages"].extend([_USED, _answered(content=[{"json": [1]}])]),
        "Provide a json object",
    ),
    "a tool input that is text": (
        lambda request: request["messages"].extend(
            [
                {"role": "assistant", "content": [{"toolUse": {**_USE, "input": "{"}}]},
                _answered(),
            ]
        ),
        "messages.1.content.0.toolUse.input is invalid. Provide a json object",
    ),
    "tool blocks without tools": (
        lambda request: [
            request["messages"].extend([_USED, _answered()]),
            request.pop("toolConfig"),
        ],
        "toolConfig field must be defined",
    ),
    "a choice that names no tool": (
        _set("toolConfig", "toolChoice", to={"tool": {"name": "other"}}),
        "names no tool",
    ),
    "a schema that is not an object's": (
        _schema(type="array"),
        "inputSchema.json.type must be one of the following: object.",
    ),
    "what Nova does not take at a schema's top": (
        _schema(additionalProperties=False),
        "additionalProperties",
    ),
    "a schema that requires what it lacks": (_schema(required=["steps"]), "steps"),
    "an array without items": (_schema(properties={"tasks": {"type": "array"}}), "tasks.items"),
    "a model that is none": (_set("modelId", to="nova"), "model identifier is invalid"),
    "Nova in Tokyo without a profile": (
        _set("modelId", to="amazon.nova-micro-v1:0"),
        "inference profile",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_is_refused_as_by_bedrock(
    case: str, client: Any, request_for: RequestFor
) -> None:
    change, message = REFUSED[case]
    request = copy.deepcopy(request_for())
    change(request)

    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.converse(**request)

    response: Any = refused.value.response
    assert message in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_tool_name_with_a_hyphen_is_a_model_error_of_nova(
    client: Any, request_for: RequestFor
) -> None:
    request = copy.deepcopy(request_for())
    _tool(request)["name"] = "save-tasks"
    request["toolConfig"]["toolChoice"] = {"any": {}}

    with pytest.raises(client.exceptions.ModelErrorException, match="invalid sequence"):
        client.converse(**request)


def test_an_unknown_operation_is_refused(client: Any) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client.invoke_model(modelId="apac.amazon.nova-micro-v1:0", body=b"{}")


def _content(client: Any, request: dict[str, Any]) -> tuple[str, Any]:
    answer = client.converse(**request)
    return request["requestMetadata"]["actionId"], answer["output"]["message"]["content"]
