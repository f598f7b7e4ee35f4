"""An OpenAI-compatible server (Ollama, llama.cpp) as the upstream."""

import http.client
import json
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any
from urllib.parse import urldefrag

from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import Answerer, ConverseCall, Response, UpstreamError
from localcloud.bedrock.upstreams.chat_completions import chat_request, converse_response

TIMEOUT_SECONDS = 300.0
"""A model on a laptop may need minutes for one answer."""

_ERROR_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "AccessDeniedException",
    HTTPStatus.FORBIDDEN: "AccessDeniedException",
    HTTPStatus.NOT_FOUND: "ResourceNotFoundException",  # Ollama: the model is not pulled
    HTTPStatus.REQUEST_TIMEOUT: "ModelTimeoutException",
    HTTPStatus.TOO_MANY_REQUESTS: "ThrottlingException",
    HTTPStatus.INTERNAL_SERVER_ERROR: "ModelErrorException",
    HTTPStatus.SERVICE_UNAVAILABLE: "ModelNotReadyException",  # llama.cpp: loading the model
    HTTPStatus.GATEWAY_TIMEOUT: "ModelTimeoutException",
}


def openai_answerer(url: str, api_key: str | None = None) -> Answerer:
    """Get answers from `URL#MODEL`; without a model name, from the first one in the server's list.

    Raises UpstreamError if the server does not answer or lists no model.
    """
    base, model = urldefrag(url.rstrip("/"))
    base = base.rstrip("/")
    if not model:
        model = _first_model(base, api_key)

    def complete(call: ConverseCall) -> Response:
        started = time.monotonic()
        try:
            completion = _post(f"{base}/chat/completions", chat_request(call, model), api_key)
        except urllib.error.HTTPError as error:
            raise _bedrock_error(error) from error
        except TimeoutError as error:
            raise BedrockError("ModelTimeoutException", f"{base} took too long") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            message = f"{base} gave no answer: {error}"
            raise BedrockError("ServiceUnavailableException", message) from error
        answer = converse_response(call, completion)
        answer["metrics"] = {"latencyMs": round((time.monotonic() - started) * 1000)}
        return answer

    return complete


def _first_model(base: str, api_key: str | None) -> str:
    try:
        listed = _get(f"{base}/models", api_key)
        return str(listed["data"][0]["id"])
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UpstreamError(
            f"{base} does not answer as an OpenAI-compatible server: {error}"
        ) from error
    except (KeyError, IndexError, TypeError) as error:
        message = f"{base} lists no model: pull one first, or name it as {base}#MODEL"
        raise UpstreamError(message) from error


def _get(url: str, api_key: str | None) -> Any:
    return _exchange(urllib.request.Request(url), api_key, timeout=10.0)  # noqa: S310 - http(s) alone, see main


def _post(url: str, body: dict[str, Any], api_key: str | None) -> Any:
    data = json.dumps(body, ensure_ascii=False).encode()
    return _exchange(urllib.request.Request(url, data), api_key, TIMEOUT_SECONDS)  # noqa: S310 - as above


def _exchange(request: urllib.request.Request, api_key: str | None, timeout: float) -> Any:
    request.add_header("Content-Type", "application/json")
    if api_key:
        request.add_header("Authorization", f"Bearer {api_key}")
    with urllib.request.urlopen(request, timeout=timeout) as reply:  # noqa: S310 - as above
        return json.load(reply)


def _bedrock_error(error: urllib.error.HTTPError) -> BedrockError:
    text = error.read().decode(errors="replace")
    is_server_error = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
    otherwise = "ServiceUnavailableException" if is_server_error else "ValidationException"
    name = _ERROR_BY_STATUS.get(error.code, otherwise)
    return BedrockError(name, f"{error.code} {text[:500]}")
