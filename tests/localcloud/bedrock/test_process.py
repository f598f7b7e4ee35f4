"""`python -m localcloud.bedrock` as a process."""

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from localcloud.bedrock.__main__ import main

COMMAND = [sys.executable, "-m", "localcloud.bedrock"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--seed", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_the_process_prints_its_url_answers_and_ends_with_sigterm(
    process: subprocess.Popen[str],
    client_for: Callable[..., Any],
    request_for: Callable[..., dict[str, Any]],
) -> None:
    assert process.stdout is not None
    url = process.stdout.readline().removeprefix("model server: ").strip()
    client = client_for(url)
    assert client.converse(**request_for())["stopReason"] == "tool_use"
    _control(url, {"faults": {"*": {"kind": "time-out"}}})
    held = threading.Thread(target=_expect_closed, args=[client, request_for()])
    held.start()
    pause = threading.Event()
    assert any(_control(url)["counters"]["in_flight"] or pause.wait(0.02) for _ in range(250))

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=5) == 0
    held.join(5)
    client.close()
    assert not held.is_alive()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_a_port_in_use_is_an_error_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False
        )

    assert ended.returncode == 1
    assert ended.stderr == (
        f"model server: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "0", "--latency", "-1"],
        ["--port", "0", "--upstream", "localhost:11434"],
    ],
)
def test_the_error_for_an_invalid_argument_names_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    errors = capsys.readouterr().err
    assert ended.value.code == 2
    assert arguments[-2] in errors
    assert arguments[-1] in errors


def _expect_closed(client: Any, request: dict[str, Any]) -> None:
    with pytest.raises(ConnectionClosedError):
        client.converse(**request)


def _control(url: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    body = None if changes is None else json.dumps(changes).encode()
    method = "GET" if changes is None else "PUT"
    request = urllib.request.Request(f"{url}/control", body, method=method)
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.load(reply)
