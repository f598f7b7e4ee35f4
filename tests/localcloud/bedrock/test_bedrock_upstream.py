"""The upstream Bedrock; a second model server takes its place."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from localcloud.bedrock.bedrock_api import BedrockError
from localcloud.bedrock.call import ConverseCall, UpstreamError
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.faults import ERRORS
from localcloud.bedrock.server import ModelServer
from localcloud.bedrock.upstreams.bedrock_upstream import bedrock_answerer, bedrock_client

RequestFor = Callable[..., dict[str, Any]]


@pytest.fixture
def forwarding(server: ModelServer, running: Any, client_for: Callable[..., Any]) -> Iterator[Any]:
    """A client of a server that forwards to `server` with other credentials, in another region."""
    upstream = client_for(server.url, read_timeout=2, region="us-east-1")
    with running(bedrock_answerer(upstream), upstream_validates=True) as forwarder:
        client = client_for(forwarder.url)
        yield client
        client.close()
    upstream.close()


def test_an_answer_is_forwarded_unchanged(
    server: ModelServer, client: Any, forwarding: Any, request_for: RequestFor
) -> None:
    direct = client.converse(**request_for())
    server.control.reset()
    forwarded = forwarding.converse(**request_for())

    for answer in (direct, forwarded):
        del answer["ResponseMetadata"]
    assert forwarded == direct


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.ACCESS_DENIED])
def test_an_error_keeps_its_name(
    kind: FaultKind, server: ModelServer, forwarding: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"*": {"kind": kind}}})

    with pytest.raises(ClientError) as failed:
        forwarding.converse(**request_for())

    response: Any = failed.value.response
    assert response["Error"]["Code"] == ERRORS[kind].name
    assert response["Error"]["Message"] == ERRORS[kind].message
    assert response["ResponseMetadata"]["HTTPStatusCode"] == ERRORS[kind].status


def test_an_error_that_is_not_in_the_model_keeps_name_and_status(
    client: Any, request_for: RequestFor
) -> None:
    with Stubber(client) as stubber:
        stubber.add_client_error("converse", "ExpiredTokenException", "expired", 403)
        call = ConverseCall("apac.amazon.nova-micro-v1:0", request_for(), "action-1")
        del call.request["modelId"]

        with pytest.raises(BedrockError) as failed:
            bedrock_answerer(client)(call)

    assert (failed.value.name, failed.value.status) == ("ExpiredTokenException", 403)


def test_requests_are_not_checked_before_they_are_forwarded(
    forwarding: Any, request_for: RequestFor
) -> None:
    # the model id without a profile is refused in the caller's region, but not in the upstream's
    request = {**request_for(), "modelId": "amazon.nova-micro-v1:0"}

    assert forwarding.converse(**request)["stopReason"] == "tool_use"


def test_a_bedrock_that_does_not_answer_is_a_model_timeout(
    server: ModelServer, forwarding: Any, request_for: RequestFor
) -> None:
    server.control.change({"faults": {"*": {"kind": "time-out"}}})

    with pytest.raises(ClientError, match="ModelTimeoutException"):
        forwarding.converse(**request_for())


def test_the_upstream_can_have_another_model_id(
    server: ModelServer, running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    upstream = client_for(server.url)
    with running(bedrock_answerer(upstream, "nonsense")) as forwarder:
        client = client_for(forwarder.url)
        with pytest.raises(ClientError, match="model identifier is invalid"):
            client.converse(**request_for())
        client.close()
    upstream.close()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "credentials"),
        ({"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}, "AWS_REGION"),
    ],
)
def test_missing_credentials_or_region_are_named(
    given: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(UpstreamError, match=missing):
        bedrock_client()
