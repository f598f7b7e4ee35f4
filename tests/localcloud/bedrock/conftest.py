"""A model server in this process, and a boto3 client for it."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config

from handlers.generation.prompt import system_prompt, user_message
from handlers.generation.rules import RULES
from handlers.generation.tool import inference_config, tool_config
from handlers.storage.models import ActionContext, ActionType
from localcloud.bedrock.answer import answer
from localcloud.bedrock.call import Answerer
from localcloud.bedrock.control import Control, ModelSettings
from localcloud.bedrock.server import ModelServer

MODEL = "apac.amazon.nova-micro-v1:0"


@contextmanager
def _running(answerer: Answerer = answer, *, upstream_validates: bool = False) -> Generator[Any]:
    server = ModelServer(
        ("127.0.0.1", 0),
        Control(ModelSettings(seed=1)),
        answerer,
        upstream_validates=upstream_validates,
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture
def running() -> Any:
    """Starts a server with another answerer: `with running(answerer) as server`."""
    return _running


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with _running() as server:
        yield server


def _client(url: str, read_timeout: float = 20, region: str = "ap-northeast-1") -> Any:
    return boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "bedrock-runtime",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=read_timeout, max_pool_connections=30
        ),
    )


@pytest.fixture
def client_for() -> Callable[..., Any]:
    """Makes a boto3 client for a URL, without retries."""
    return _client


@pytest.fixture
def client(server: ModelServer) -> Iterator[Any]:
    client = _client(server.url)
    yield client
    client.close()


def _request(
    title: str = "競合サービス3社の料金を比較する",
    action_id: str = "action-1",
    type: ActionType = "EXECUTION",
    **texts: Any,
) -> dict[str, Any]:
    context = ActionContext(title, type, "市場を知る", "小さなサービスを始める", **texts)
    rules = RULES[type]
    return {
        "modelId": MODEL,
        "system": system_prompt(rules),
        "messages": [user_message(context)],
        "toolConfig": tool_config(rules),
        "inferenceConfig": inference_config(rules),
        "requestMetadata": {"actionId": action_id, "executionId": "execution-1"},
    }


@pytest.fixture
def request_for() -> Callable[..., dict[str, Any]]:
    """Makes the request that task-generation sends for an action."""
    return _request
