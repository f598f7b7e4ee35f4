"""Every kind of fault, as boto3 and the worker's reader of answers see it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from handlers.generation.answer import Answer, read_tasks
from handlers.generation.errors import GenerationError, InvalidAnswerError
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding, inference_config
from handlers.storage.models import ActionType
from localcloud.bedrock.answer import answer
from localcloud.bedrock.bedrock_api import error_statuses, service_model
from localcloud.bedrock.call import ConverseCall
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.faults import BROKEN_RULES, ERRORS, faulty_answer
from localcloud.bedrock.odd_answers import CALLS, TEXTS
from localcloud.bedrock.server import ModelServer
from tests.shared_inputs import shared_input

RequestFor = Callable[..., dict[str, Any]]
HELD = {FaultKind.TIME_OUT, FaultKind.DISCONNECT}
STOP_REASON = {
    FaultKind.WRONG_SCHEMA: "tool_use",
    FaultKind.MALFORMED_JSON: "tool_use",
    FaultKind.MALFORMED_TOOL_USE: "malformed_tool_use",
    FaultKind.MALFORMED_OUTPUT: "malformed_model_output",
    FaultKind.NO_TOOL_USE: "end_turn",
    FaultKind.STOPPED: "stop_sequence",
    FaultKind.TRUNCATED: "max_tokens",
    FaultKind.REFUSED: "content_filtered",
    FaultKind.GUARDRAIL: "guardrail_intervened",
    FaultKind.CONTEXT_EXCEEDED: "model_context_window_exceeded",
    FaultKind.MINUTES_90: "tool_use",
    FaultKind.TITLE_OF_51: "tool_use",
    FaultKind.TWO_CALLS_THAT_DIFFER: "tool_use",
    FaultKind.TEXT_THAT_IS_CUT: "max_tokens",
}
READ = (set(CALLS) | set(TEXTS)) - set(STOP_REASON)


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_has_its_name_and_status(
    kind: FaultKind, server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": kind}}})

    with pytest.raises(ClientError) as failed:
        client.converse(**request_for())

    response: Any = failed.value.response
    name = response["Error"]["Code"]
    assert name == ERRORS[kind].name
    assert type(failed.value).__name__ == name
    assert response["ResponseMetadata"]["HTTPStatusCode"] == error_statuses()[name]


@pytest.mark.parametrize("kind", STOP_REASON)
def test_an_unusable_answer_has_bedrocks_stop_reason_and_fails_in_the_worker(
    kind: FaultKind, server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": kind}}})

    received = client.converse(**request_for())

    assert received["stopReason"] == STOP_REASON[kind]
    assert received["usage"]["outputTokens"] > 0
    with pytest.raises(GenerationError):
        read_tasks(
            received["stopReason"], received["output"]["message"]["content"], RULES["EXECUTION"]
        )


def test_every_error_and_stop_reason_of_converse_has_a_fault() -> None:
    assert {error.name for error in ERRORS.values()} == set(error_statuses())
    assert set(STOP_REASON.values()) == set(
        service_model().shape_for("StopReason").metadata["enum"]
    )
    assert set(FaultKind) == set(ERRORS) | set(STOP_REASON) | READ | HELD | {FaultKind.STUCK}


@pytest.mark.parametrize("type_", ["EXECUTION", "HABIT"])
@pytest.mark.parametrize("kind", sorted(READ))
def test_an_odd_answer_is_a_good_one_in_another_form(
    kind: FaultKind,
    type_: ActionType,
    server: ModelServer,
    client: Any,
    request_for: RequestFor,
) -> None:
    request = request_for(type=type_)
    good = _read(answer(ConverseCall(request["modelId"], request, "action-1", 1, 1)), type_)
    server.control.change({"faults": {"action-1": {"kind": kind}}})

    odd = _read(client.converse(**request), type_)

    assert good.coerced == ()
    assert odd.coerced
    if kind in (FaultKind.TAB_IN_A_TITLE, FaultKind.LINE_ENDS_OF_WINDOWS):
        assert len(odd.tasks) == len(good.tasks)
    else:
        assert odd.tasks == good.tasks


def test_every_answer_that_was_reported_can_be_played() -> None:
    reported = {path.stem for path in shared_input("model-answers").glob("*.json")}
    assert reported <= set(map(str, FaultKind))


def test_a_stuck_model_fails_until_it_is_asked_in_another_way(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": FaultKind.STUCK}}})
    request = request_for()

    for _ in range(2):
        with pytest.raises(ClientError, match="invalid sequence as part of ToolUse"):
            client.converse(**request)
    request["inferenceConfig"] = inference_config(RULES["EXECUTION"], Decoding.VARIED)

    assert _read(client.converse(**request), "EXECUTION").coerced == ()


def _read(received: dict[str, Any], type_: ActionType) -> Answer:
    return read_tasks(
        received["stopReason"], received["output"]["message"]["content"], RULES[type_]
    )


@pytest.mark.parametrize("type_", ["EXECUTION", "HABIT"])
@pytest.mark.parametrize("rule", [name for name, _ in BROKEN_RULES])
def test_the_worker_notices_each_broken_rule(
    rule: str, type_: ActionType, request_for: RequestFor
) -> None:
    call = ConverseCall("nova", request_for(type=type_), "action-1")
    good = answer(call)["output"]["message"]["content"]
    tool_use = good[-1]["toolUse"]
    break_rule = dict(BROKEN_RULES)[rule]

    assert read_tasks("tool_use", good, RULES[type_]).tasks
    wrong = {"toolUse": {**tool_use, "input": break_rule(tool_use["input"])}}
    with pytest.raises(InvalidAnswerError):
        read_tasks("tool_use", [wrong], RULES[type_])


def test_the_broken_rule_depends_on_the_call(request_for: RequestFor) -> None:
    answers = {
        str(faulty_answer(FaultKind.WRONG_SCHEMA, ConverseCall("nova", request_for(), "a", number)))
        for number in range(20)
    }

    assert len(answers) > 5


def test_a_timeout_lasts_until_the_client_gives_up(
    server: ModelServer, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": "time-out"}}})
    client = client_for(server.url, read_timeout=0.2)

    with pytest.raises(ReadTimeoutError):
        client.converse(**request_for())
    client.close()

    assert _until(lambda: server.control.as_json()["counters"]["in_flight"] == 0)


def test_a_timeout_ends_when_the_server_stops(
    running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    failures: list[Exception] = []

    def call(url: str) -> None:
        client = client_for(url)
        try:
            client.converse(**request_for())
        except ConnectionClosedError as error:
            failures.append(error)
        client.close()

    with running() as server:
        server.control.change({"faults": {"*": {"kind": "time-out"}}})
        thread = threading.Thread(target=call, args=[server.url])
        thread.start()
        assert _until(lambda: server.control.as_json()["counters"]["in_flight"] == 1)

    thread.join(5)
    assert len(failures) == 1


def test_a_disconnected_call_gets_no_answer(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"action-1": {"kind": "disconnect", "times": 1}}})

    with pytest.raises(ConnectionClosedError):
        client.converse(**request_for())

    assert client.converse(**request_for())["stopReason"] == "tool_use"


def _until(condition: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.02) for _ in range(250))
