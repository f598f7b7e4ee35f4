"""The segments of an invocation, as the X-Ray daemon gets them from the SDK."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PARENTS = ("53995c3f42cd8ad8", "53995c3f42cd8ad9")
ROOT = "1-5759e988-bd862e3fe1be46a994272793"

FUNCTION = """
import os, sys
import boto3
from botocore.stub import Stubber
from handlers.contract.functions import TASK_GENERATION
from handlers.observability.telemetry import Telemetry
from tests.handlers.lambda_context import LambdaContext

telemetry = Telemetry(TASK_GENERATION)
table = boto3.client("dynamodb")
stub = Stubber(table)

@telemetry.observe(correlation_id_path="executionId")
def handler(event, context):
    telemetry.identify(executionId=event["executionId"])
    for _ in range(3):
        stub.add_response("get_item", {})
        table.get_item(TableName="t", Key={"pk": {"S": "1"}})
    stub.add_client_error("put_item", "ValidationException", "cannot take kanariya")
    table.put_item(TableName="t", Item={"pk": {"S": "kanariya"}})

stub.activate()
for parent in sys.argv[2:]:
    os.environ["_X_AMZN_TRACE_ID"] = f"Root={sys.argv[1]};Parent={parent};Sampled=1"
    try:
        handler({"executionId": "e-1"}, LambdaContext())
    except Exception as error:
        print(type(error).__name__)
"""


@contextmanager
def _daemon() -> Generator[tuple[dict[str, str], Callable[[], list[dict[str, Any]]]]]:
    """The environment of a function beside X-Ray's daemon, and what the daemon has got."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.setblocking(False)
        environment = {
            **os.environ,
            "LAMBDA_TASK_ROOT": "/var/task",
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
        }

        def received() -> list[dict[str, Any]]:
            documents: list[dict[str, Any]] = []
            while True:
                try:
                    header, _, document = daemon.recv(65_535).partition(b"\n")
                except BlockingIOError:
                    return documents
                assert json.loads(header) == {"format": "json", "version": 1}
                documents.append(json.loads(document))

        yield environment, received


@pytest.fixture(scope="module")
def sent() -> list[dict[str, Any]]:
    """What two invocations of one environment, in one trace, have sent."""
    with _daemon() as (environment, received):
        ran = subprocess.run(
            [sys.executable, "-c", FUNCTION, ROOT, *PARENTS],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert ran.stdout.split() == ["ClientError", "ClientError"]
        return received()


def of(sent: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [segment for segment in sent if segment["name"] == name]


def test_each_invocation_hangs_under_its_own_segment_though_the_trace_is_the_same(
    sent: list[dict[str, Any]],
) -> None:
    handlers = of(sent, "## handler")
    assert tuple(segment["parent_id"] for segment in handlers) == PARENTS
    assert {segment["trace_id"] for segment in sent} == {ROOT}
    calls = {segment["parent_id"] for segment in of(sent, "dynamodb")}
    assert calls == {segment["id"] for segment in handlers}


def test_only_the_first_and_the_failed_calls_to_the_table_are_traced(
    sent: list[dict[str, Any]],
) -> None:
    [first] = [segment["id"] for segment in of(sent, "## handler")[:1]]
    calls = [segment for segment in of(sent, "dynamodb") if segment["parent_id"] == first]
    assert [segment["aws"]["operation"] for segment in calls] == ["GetItem", "PutItem"]
    assert calls[1]["error"] is True


def test_errors_are_traced_without_their_messages(sent: list[dict[str, Any]]) -> None:
    assert "kanariya" not in json.dumps(sent)
    [error] = of(sent, "dynamodb")[1]["cause"]["exceptions"]
    assert error["type"] == "ClientError"
    assert error["stack"]


def test_a_trace_is_found_by_the_execution(sent: list[dict[str, Any]]) -> None:
    assert all(each["annotations"]["executionId"] == "e-1" for each in of(sent, "## handler"))


OUTLIVES = """
import os, sys, threading
import boto3
from botocore.stub import Stubber
from handlers.contract.functions import TASK_GENERATION
from handlers.observability.telemetry import Telemetry
from tests.handlers.lambda_context import LambdaContext

telemetry = Telemetry(TASK_GENERATION)
table = boto3.client("dynamodb")
stub = Stubber(table)
began, thawed = threading.Event(), threading.Event()

def wait(**_):
    began.set()
    thawed.wait()

def call():
    telemetry.leave_out_this_thread()
    table.get_item(TableName="t", Key={"pk": {"S": "1"}})

table.meta.events.register("before-parameter-build", wait)
stub.add_response("get_item", {})
stub.activate()
thread = threading.Thread(target=call)

@telemetry.observe(correlation_id_path="executionId")
def handler(event, context):
    if not began.is_set():
        thread.start()
        began.wait()
        telemetry.note_call("bedrock-runtime", 1_800_000_000.5)
    else:
        thawed.set()
        thread.join()

for root in sys.argv[1:]:
    os.environ["_X_AMZN_TRACE_ID"] = f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1"
    handler({"executionId": "e-1"}, LambdaContext())
"""


@pytest.mark.parametrize("next_root", [ROOT, ROOT.replace("5759", "5760")])
def test_a_thread_that_is_left_out_is_in_no_trace_and_its_end_in_no_log(next_root: str) -> None:
    with _daemon() as (environment, received):
        ran = subprocess.run(
            [sys.executable, "-c", OUTLIVES, ROOT, next_root],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        names = [each["name"] for each in _flat(received())]
    assert (ran.stdout, ran.stderr) == ("", "")
    assert names.count("bedrock-runtime") == 1
    assert "dynamodb" not in names


def _flat(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in documents:
        yield each
        yield from _flat(each.get("subsegments", []))
