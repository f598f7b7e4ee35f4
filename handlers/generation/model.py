"""Calls Bedrock Converse: one request, its answer and its cost, every error by its class."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from handlers.generation.answer import MALFORMED_CALL
from handlers.generation.errors import (
    InvalidAnswerError,
    ModelRejectedError,
    ModelUnavailableError,
    error_of_response,
)
from handlers.generation.pricing import price_of
from handlers.generation.prompt import system_prompt
from handlers.generation.quotes import quotes, texts_of
from handlers.generation.rules import TaskRules
from handlers.generation.tool import Decoding, additional_fields, inference_config, tool_config
from handlers.storage.models import Usage

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime.type_defs import (
        MessageTypeDef,
        SystemContentBlockTypeDef,
        ToolConfigurationTypeDef,
    )

# Errors of botocore's parser at a body that is not a response of Converse, such as a proxy's.
_UNREADABLE = (
    ResponseParserError,
    AttributeError,
    TypeError,
    ValueError,
    OverflowError,
    RecursionError,
)
_UNREADABLE_RESPONSE = "the response is none of Converse's"
_MOST_TOKENS = 10_000_000
"""No model takes or gives so many in one call."""
_STOP_REASON = re.compile("[a-z_]{1,40}")
_MESSAGE_CHARACTERS = 300


@dataclass(frozen=True)
class ModelReply:
    """One answer of the model.

    content: Converse's content blocks.
    latency_ms: from the request to the parsed answer, as seen from here.
    """

    stop_reason: str
    content: Sequence[Mapping[str, Any]]
    usage: Usage
    latency_ms: float


class Model:
    """A Bedrock model or inference profile. The client must not retry.

    instructions, tool: the system prompt and the tool by the action's rules.
    """

    def __init__(
        self,
        client: "BedrockRuntimeClient",
        model_id: str,
        instructions: "Callable[[TaskRules], list[SystemContentBlockTypeDef]]" = system_prompt,
        tool: "Callable[[TaskRules], ToolConfigurationTypeDef]" = tool_config,
    ) -> None:
        self.model_id = model_id
        self.price = price_of(model_id, client.meta.region_name)
        self._client = client
        self._instructions = instructions
        self._tool = tool

    def ask(
        self,
        rules: TaskRules,
        messages: "Sequence[MessageTypeDef]",
        metadata: Mapping[str, str],
        decoding: Decoding,
    ) -> ModelReply:
        """Make one call; raises a GenerationError for every failure.

        metadata: kept with the call in Bedrock's invocation logs (requestMetadata).
        """
        request: Any = {
            "modelId": self.model_id,
            "system": self._instructions(rules),
            "messages": messages,
            "toolConfig": self._tool(rules),
            "inferenceConfig": inference_config(rules, decoding),
            "additionalModelRequestFields": additional_fields(self.model_id, decoding),
            "requestMetadata": metadata,
        }
        start = time.monotonic()
        try:
            response: Mapping[str, Any] = self._client.converse(**request)
        except (ClientError, BotoCoreError, *_UNREADABLE) as error:
            failure = error
        else:
            return self._reply(response, (time.monotonic() - start) * 1000)
        # Outside the except block: botocore's error, the context there, may quote the request.
        if isinstance(failure, ClientError):
            _raise_for_response(failure, texts_of(messages))
        raise _error_without_response(failure)

    def _reply(self, response: Mapping[str, Any], latency_ms: float) -> ModelReply:
        if "stopReason" not in response:  # botocore accepts any body with status 200
            raise ModelUnavailableError(_UNREADABLE_RESPONSE)
        usage = response.get("usage", {})
        tokens = int(usage.get("inputTokens", 0)), int(usage.get("outputTokens", 0))
        if not all(0 <= count <= _MOST_TOKENS for count in tokens):
            raise ModelUnavailableError(_UNREADABLE_RESPONSE)
        return ModelReply(
            stop_reason=_stop_reason(response["stopReason"]),
            content=response.get("output", {}).get("message", {}).get("content", []),
            usage=Usage(*tokens, self.price.cost(*tokens)) if self.price else Usage(*tokens),
            latency_ms=latency_ms,
        )


def _stop_reason(given: Any) -> str:
    """The reason, which is logged; `unknown` in place of anything that is no code."""
    is_code = isinstance(given, str) and _STOP_REASON.fullmatch(given)
    return given if is_code else "unknown"


def _raise_for_response(failure: ClientError, texts: Sequence[str]) -> NoReturn:
    error = failure.response.get("Error", {})
    metadata = failure.response.get("ResponseMetadata", {})
    code, status = str(error.get("Code")), int(metadata.get("HTTPStatusCode", 0))
    detail = f"{code} (HTTP {status}, request {metadata.get('RequestId', 'unknown')})"
    message = " ".join(str(error.get("Message", "")).split())[:_MESSAGE_CHARACTERS]
    if message.isascii() and not quotes(message, texts):  # AWS's own words are ASCII
        detail += f": {message}"
    kind = error_of_response(code, status, message)
    if kind is InvalidAnswerError:
        raise InvalidAnswerError([MALFORMED_CALL], detail)
    raise kind(detail)


def _error_without_response(failure: Exception) -> ModelUnavailableError | ModelRejectedError:
    name = type(failure).__name__
    if isinstance(failure, ConnectionError | HTTPClientError):
        # botocore's own retries treat these as transient (botocore/retries/standard.py)
        return ModelUnavailableError(f"{name}: no answer from Bedrock")
    if isinstance(failure, BotoCoreError):
        return ModelRejectedError(f"{name}: the request could not be made")
    return ModelUnavailableError(f"{name}: {_UNREADABLE_RESPONSE}")
