"""One call of Converse over HTTP: its request, its answer, its errors."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

from handlers.generation.errors import (
    ERROR_BY_CODE,
    GenerationError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
)
from handlers.generation.model import Model
from handlers.generation.prompt import user_message
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding
from handlers.storage.models import ActionContext, Usage
from tests.handlers.scripted_bedrock import (
    HANG_UP,
    SILENCE,
    TASK,
    ScriptedAnswer,
    fails,
    saves,
    scripted_bedrock,
)
from tests.handlers.scripted_bedrock import ScriptedBedrock as Bedrock

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

HABIT = RULES["HABIT"]
MODEL_ID = "apac.amazon.nova-micro-v1:0"
SECRET = "shark4242 diving"
METADATA = {"executionId": "e-1", "actionId": "a-1", "promptVersion": "1"}


@pytest.fixture
def bedrock() -> Iterator[Bedrock]:
    with scripted_bedrock() as server:
        yield server


def model_at(url: str, model_id: str = MODEL_ID, read_timeout: float = 10) -> Model:
    client: BedrockRuntimeClient = boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "bedrock-runtime",
        region_name="ap-northeast-1",
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(
            retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=read_timeout
        ),
    )
    return Model(client, model_id)


def ask(url: str, model_id: str = MODEL_ID, read_timeout: float = 10) -> Any:
    question = user_message(ActionContext(SECRET, "HABIT", "体力", "完走"))
    return model_at(url, model_id, read_timeout).ask(HABIT, [question], METADATA, Decoding.GREEDY)


def test_a_request_has_the_tool_greedy_decoding_and_the_ids(
    bedrock: Bedrock,
) -> None:
    bedrock.will(saves(TASK))
    ask(bedrock.url)
    (request,) = bedrock.requests
    assert bedrock.paths == ["/model/apac.amazon.nova-micro-v1%3A0/converse"]
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": "save_tasks"}}
    assert request["inferenceConfig"] == {"temperature": 0, "maxTokens": 1_700}
    assert request["additionalModelRequestFields"] == {"inferenceConfig": {"topK": 1}}
    assert request["requestMetadata"] == METADATA
    assert SECRET in request["messages"][0]["content"][0]["text"]
    assert SECRET not in str(request["system"]) + str(request["toolConfig"])


def test_a_reply_has_its_tokens_and_their_cost_in_tokyo(bedrock: Bedrock) -> None:
    bedrock.will(saves(TASK))
    reply = ask(bedrock.url)
    assert reply.stop_reason == "tool_use"
    assert reply.content[0]["toolUse"]["input"] == {"tasks": [TASK]}
    assert reply.usage == Usage(1_000, 100, Decimal("0.0000588"))
    assert reply.latency_ms > 0


def test_a_model_without_a_known_price_still_counts_its_tokens(bedrock: Bedrock) -> None:
    bedrock.will(saves(TASK))
    assert ask(bedrock.url, "meta.llama3-8b-instruct-v1:0").usage == Usage(1_000, 100)


def converse_errors() -> list[tuple[str, int]]:
    bedrock = botocore.session.get_session().get_service_model("bedrock-runtime")
    shapes = bedrock.operation_model("Converse").error_shapes
    return [(shape.name, shape.metadata["error"]["httpStatusCode"]) for shape in shapes]


@pytest.mark.parametrize(("name", "status"), converse_errors())
def test_every_error_of_converse_arrives_as_its_mapped_error(
    bedrock: Bedrock, name: str, status: int
) -> None:
    bedrock.will(fails(name, status, "the reason"))
    with pytest.raises(GenerationError) as failed:
        ask(bedrock.url)
    assert type(failed.value) is ERROR_BY_CODE[name]
    assert str(failed.value) == f"{name} (HTTP {status}, request request-7): the reason"
    assert len(bedrock.requests) == 1  # boto does not try again, the state machine does


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HANG_UP, ModelUnavailableError),
        (ScriptedAnswer(200, b"<html>not JSON"), ModelUnavailableError),
        (ScriptedAnswer(200, b"[1]"), ModelUnavailableError),
        (ScriptedAnswer(200, b"\xff\xfe"), ModelUnavailableError),
        (ScriptedAnswer(502, b"<html>Bad gateway"), ModelUnavailableError),
        (ScriptedAnswer(429, b"{}"), ModelThrottledError),
        (ScriptedAnswer(413, b"{}", "RequestEntityTooLargeException"), ModelRejectedError),
    ],
)
def test_an_error_that_no_service_model_lists_is_classified_by_its_cause(
    bedrock: Bedrock, answer: ScriptedAnswer, error: type[GenerationError]
) -> None:
    bedrock.will(answer)
    with pytest.raises(GenerationError) as failed:
        ask(bedrock.url)
    assert type(failed.value) is error
    assert len(bedrock.requests) == 1


def test_a_read_time_out_is_transient(bedrock: Bedrock) -> None:
    bedrock.will(SILENCE)
    with pytest.raises(ModelUnavailableError, match="ReadTimeoutError"):
        ask(bedrock.url, read_timeout=0.2)
    assert len(bedrock.requests) == 1


def test_a_refused_connection_is_transient() -> None:
    with scripted_bedrock() as server:
        url = server.url
    with pytest.raises(ModelUnavailableError, match="EndpointConnectionError"):
        ask(url)


def test_a_request_that_botocore_refuses_is_permanent(bedrock: Bedrock) -> None:
    with pytest.raises(ModelRejectedError, match="ParamValidationError") as failed:
        ask(bedrock.url, model_id="")
    assert failed.value.__context__ is None  # botocore's error quotes what it was given


@pytest.mark.parametrize(
    "message",
    [f"Malformed input: {SECRET} is not allowed", "diving is not", "『体力』は使えません"],
)
def test_a_message_that_may_quote_the_prompt_is_not_passed_on(
    bedrock: Bedrock, message: str
) -> None:
    bedrock.will(fails("ValidationException", 400, message))
    with pytest.raises(ModelRejectedError) as failed:
        ask(bedrock.url)
    expected = "ValidationException (HTTP 400, request request-7)"
    if message.startswith("diving"):  # six characters tell nothing
        expected += f": {message}"
    assert str(failed.value) == expected
    assert failed.value.__context__ is None  # botocore's error is not chained.


def test_a_message_of_aws_is_passed_on_as_one_line(bedrock: Bedrock) -> None:
    bedrock.will(
        fails("ValidationException", 400, "on-demand throughput\nisn't supported" + " x" * 500)
    )
    with pytest.raises(ModelRejectedError, match="on-demand throughput isn't supported") as failed:
        ask(bedrock.url)
    assert len(str(failed.value)) < 400
