"""Amazon Bedrock as the upstream, with the credentials of the user who started the server."""

import os
import time
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoRegionError,
    ReadTimeoutError,
)

from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import Answerer, ConverseCall, Response, UpstreamError

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

READ_TIMEOUT_SECONDS = 120


def bedrock_client() -> "BedrockRuntimeClient":
    """A client with the credentials and region of the environment or profile, without retries."""
    # boto3 does not read AWS_REGION, which all other SDKs read
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    if session.get_credentials() is None:
        raise UpstreamError(
            "bedrock needs AWS credentials: set AWS_PROFILE, or run `aws sso login`"
        )
    config = Config(
        retries={"total_max_attempts": 1},
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=50,
    )
    try:
        return session.client("bedrock-runtime", config=config)  # pyright: ignore[reportUnknownMemberType]
    except NoRegionError as error:
        message = "bedrock needs a region: set AWS_REGION, e.g. ap-northeast-1"
        raise UpstreamError(message) from error


def bedrock_answerer(client: "BedrockRuntimeClient", model_id: str | None = None) -> Answerer:
    """Forward each call, to `model_id` if it is given; errors keep their names."""

    def forward(call: ConverseCall) -> Response:
        started = time.monotonic()
        try:
            answer: dict[str, Any] = {
                **client.converse(modelId=model_id or call.model_id, **call.request)
            }
        except ClientError as error:
            details = error.response
            raise BedrockError(
                details.get("Error", {}).get("Code", "InternalServerException"),
                details.get("Error", {}).get("Message", str(error)),
                details.get("ResponseMetadata", {}).get("HTTPStatusCode"),
            ) from error
        except (ReadTimeoutError, ConnectTimeoutError) as error:
            raise BedrockError("ModelTimeoutException", str(error)) from error
        except BotoCoreError as error:
            raise BedrockError("ServiceUnavailableException", str(error)) from error
        answer.pop("ResponseMetadata", None)
        answer.setdefault("metrics", {"latencyMs": round((time.monotonic() - started) * 1000)})
        return answer

    return forward
