"""Faults on demand: every error and stop reason of Converse, and answers that break the rules."""

from collections.abc import Callable
from typing import Any

from localcloud.bedrock.answer import answer, tool_use_id, truncated
from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import Content, ConverseCall, Response, response
from localcloud.bedrock.conversation import NOVA_INVALID_TOOL_USE
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.odd_answers import CALLS, TEXTS, Tasks, odd_answer

ERRORS: dict[FaultKind, BedrockError] = {
    # messages as Bedrock's users quote them
    FaultKind.THROTTLE: BedrockError(
        "ThrottlingException",
        "Too many requests, please wait before trying again. You have sent too many requests. "
        "Wait before trying again.",
    ),
    FaultKind.DAILY_QUOTA: BedrockError(
        "ThrottlingException", "Too many tokens per day, please wait before trying again."
    ),
    FaultKind.NOT_READY: BedrockError(
        "ModelNotReadyException",
        "Model is not ready for inference. Wait and try your request again.",
    ),
    FaultKind.MODEL_TIMEOUT: BedrockError(
        "ModelTimeoutException",
        "Model has timed out in processing the request. Try your request again.",
    ),
    FaultKind.MODEL_ERROR: BedrockError("ModelErrorException", NOVA_INVALID_TOOL_USE),
    FaultKind.MODEL_FAILED: BedrockError(
        "ModelErrorException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    FaultKind.SERVER_ERROR: BedrockError(
        "InternalServerException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    FaultKind.UNAVAILABLE: BedrockError(
        "ServiceUnavailableException", "Bedrock is unable to process your request."
    ),
    FaultKind.ACCESS_DENIED: BedrockError(
        "AccessDeniedException", "You don't have access to the model with the specified model ID."
    ),
    FaultKind.NOT_FOUND: BedrockError(
        "ResourceNotFoundException", "Could not resolve the foundation model from the model ID."
    ),
    FaultKind.INVALID_REQUEST: BedrockError(
        "ValidationException", "The provided request is not valid."
    ),
}

_TEXTS: dict[FaultKind, tuple[str, str]] = {
    FaultKind.NO_TOOL_USE: ("end_turn", "まず目標の全体像を確認し、できることから始めましょう。"),
    FaultKind.STOPPED: ("stop_sequence", "次のタスクに分けられます。"),
    FaultKind.REFUSED: ("content_filtered", "申し訳ありませんが、この内容にはお答えできません。"),
    FaultKind.GUARDRAIL: (
        "guardrail_intervened",
        "申し訳ありませんが、この内容にはお答えできません。",
    ),
    FaultKind.MALFORMED_TOOL_USE: ("malformed_tool_use", '<tool>{"tasks": [{"title": "資料を'),
    FaultKind.MALFORMED_OUTPUT: ("malformed_model_output", "タスク\ufffd\ufffd"),
    FaultKind.CONTEXT_EXCEEDED: ("model_context_window_exceeded", "次の"),
}


def faulty_answer(kind: FaultKind, call: ConverseCall) -> Response:
    """The answer that the fault stands for; raises BedrockError for those that are errors.

    Not for TIME_OUT and DISCONNECT, which are no answers.
    """
    if kind in ERRORS:
        error = ERRORS[kind]
        raise BedrockError(error.name, error.message)
    if kind in _TEXTS:
        stop_reason, text = _TEXTS[kind]
        return response(call, [{"text": text}], stop_reason)
    if kind == FaultKind.STUCK and _is_greedy(call):
        return faulty_answer(FaultKind.MODEL_ERROR, call)
    good = answer(call)
    if kind == FaultKind.STUCK:
        return good
    content: Content = good["output"]["message"]["content"]
    tasks: Tasks = content[-1].get("toolUse", {}).get("input", {}).get("tasks", [])
    if tasks and (kind in CALLS or kind in TEXTS):
        return odd_answer(kind, call, tasks)
    if kind == FaultKind.TRUNCATED:
        return truncated(call, content)
    name = next(iter(call.tools), "tool")
    tool_input = (
        '{"tasks": [{"title": "資料を集める", "estimatedMinutes": 30'
        if kind == FaultKind.MALFORMED_JSON
        else wrong_input(call, content[-1].get("toolUse", {}).get("input", {}))
    )
    tool_use = {"toolUseId": tool_use_id(call), "name": name, "input": tool_input}
    return response(call, [{"toolUse": tool_use}], "tool_use")


def _is_greedy(call: ConverseCall) -> bool:
    return call.request.get("inferenceConfig", {}).get("temperature") == 0


def wrong_input(call: ConverseCall, tool_input: dict[str, Any]) -> dict[str, Any]:
    """The tool input with one of its rules broken; which one, the call's own generator decides."""
    tasks: Tasks = tool_input.get("tasks", [])
    if not tasks:
        return {"unexpected": True}
    _, break_rule = call.random("fault").choice(BROKEN_RULES)
    return break_rule({**tool_input, "tasks": [dict(task) for task in tasks]})


def _with_first(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(tool_input: dict[str, Any]) -> dict[str, Any]:
        tool_input["tasks"][0].update(changes)
        return tool_input

    return change


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def remove(tool_input: dict[str, Any]) -> dict[str, Any]:
        tool_input["tasks"][0].pop(name)
        return tool_input

    return remove


BROKEN_RULES: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("no task at all", lambda answer: {**answer, "tasks": []}),
    ("too many tasks", lambda answer: {**answer, "tasks": (answer["tasks"] * 11)[:11]}),
    ("tasks that are text", lambda answer: {**answer, "tasks": "資料を集める"}),
    ("90 minutes", _with_first(estimatedMinutes=90)),
    ("5 minutes", _with_first(estimatedMinutes=5)),
    ("minutes in words", _with_first(estimatedMinutes="四十五分くらい")),
    ("a title too long", _with_first(title="資料を集めて読む" * 8)),
    ("a blank title", _with_first(title="　")),
    ("a description too long", _with_first(description="資料を集めて読み、要点を書き出す。" * 15)),
    ("no description", _without("description")),
    ("no minutes", _without("estimatedMinutes")),
    ("an unknown type", _with_first(type="ONCE")),
]
"""Every rule that the fault wrong-schema may break, by what it does."""
