"""The control API: settings, counters and refusals."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.bedrock.call import ConverseCall
from localcloud.bedrock.control import Control, ModelSettings, SimulatedFault
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.server import ModelServer

RequestFor = Callable[..., dict[str, Any]]


def _send(server: ModelServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, method=method)
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.load(reply)


def test_health_answers(server: ModelServer) -> None:
    assert _send(server, "GET", "/health") == {"status": "ok"}


def test_put_changes_the_given_settings_only(server: ModelServer) -> None:
    _send(server, "PUT", "/control", {"latency_seconds": 0.25})
    faults = {"action-1": {"kind": "throttle", "times": 2}, "*": {"kind": "refused", "times": None}}
    _send(server, "PUT", "/control", {"faults": faults})

    state = _send(server, "GET", "/control")

    assert state["seed"] == 1
    assert state["latency_seconds"] == 0.25
    assert state["faults"] == faults


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"faults": {"a": {"kind": "trottle"}}}, "faults.a.kind"),
        ({"faults": {"a": {"kind": "throttle", "times": 0}}}, "faults.a.times"),
        ({"latency_seconds": -1}, "latency_seconds"),
        ({"latency": 1}, "latency"),
        ([], "object"),
    ],
)
def test_an_invalid_setting_is_refused_and_changes_nothing(
    body: Any, named: str, server: ModelServer
) -> None:
    before = _send(server, "GET", "/control")

    with pytest.raises(urllib.error.HTTPError) as refused:
        _send(server, "PUT", "/control", body)

    assert refused.value.code == 400
    assert named in json.load(refused.value)["message"]
    assert _send(server, "GET", "/control") == before


def test_a_fault_with_times_ends_and_is_counted(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    _send(server, "PUT", "/control", {"faults": {"action-1": {"kind": "throttle", "times": 2}}})

    for _ in range(2):
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.converse(**request_for())
    client.converse(**request_for())
    client.converse(**request_for(action_id="action-2"))

    counters = _send(server, "GET", "/control")["counters"]
    assert counters["calls"] == 4
    assert counters["actions"]["action-1"]["calls"] == 3
    assert counters["actions"]["action-1"]["faults"] == {"throttle": 2}
    assert counters["actions"]["action-2"] == {"calls": 1, "faults": {}, "max_in_flight": 1}


def test_a_fault_for_all_actions_is_counted_for_each(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    _send(server, "PUT", "/control", {"faults": {"*": {"kind": "not-ready", "times": 1}}})

    for action in ("action-1", "action-2"):
        with pytest.raises(ClientError, match="ModelNotReadyException"):
            client.converse(**request_for(action_id=action))
        client.converse(**request_for(action_id=action))


def test_reset_restores_settings_and_counters(
    server: ModelServer, client: Any, request_for: RequestFor
) -> None:
    fresh = _send(server, "GET", "/control")
    client.converse(**request_for())
    _send(server, "PUT", "/control", {"seed": 9, "faults": {"*": {"kind": "refused"}}})

    assert _send(server, "POST", "/control/reset", {}) == fresh


def test_reset_restarts_the_initial_faults() -> None:
    control = Control(ModelSettings(faults={"*": SimulatedFault(kind=FaultKind.THROTTLE, times=1)}))

    def faults() -> list[FaultKind | None]:
        given: list[FaultKind | None] = []
        for _ in range(2):
            with control.call("action-1") as admission:
                given.append(admission.fault)
        return given

    assert faults() == [FaultKind.THROTTLE, None]
    control.reset()
    assert faults() == [FaultKind.THROTTLE, None]


def test_the_highest_number_in_flight_is_counted(
    running: Any, client_for: Callable[..., Any], request_for: RequestFor
) -> None:
    all_there = threading.Barrier(24)

    def wait_for_the_others(call: ConverseCall) -> dict[str, Any]:
        all_there.wait(10)
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": call.action_id}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "metrics": {"latencyMs": 0},
        }

    with running(wait_for_the_others) as server, ThreadPoolExecutor(24) as pool:
        client = client_for(server.url)
        for number in range(24):
            pool.submit(client.converse, **request_for(action_id=f"action-{number}"))
        pool.shutdown(wait=True)
        client.close()
        counters = _send(server, "GET", "/control")["counters"]

    assert counters["max_in_flight"] == 24
    assert counters["in_flight"] == 0
    assert counters["actions"]["action-5"]["max_in_flight"] == 1
