"""The model behind `bedrock-runtime`: valid answers, unless a fault says otherwise."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chaos.simulation.faults import Edge, Fault
from chaos.simulation.sandbox import Edges, Invocation
from chaos.simulation.scheduler import current

REGION = "ap-northeast-1"
MODEL_ID = "apac.amazon.nova-micro-v1:0"
INPUT_TOKENS, OUTPUT_TOKENS = 700, 90

_SECONDS_AT_MOST = 8.0
_ERRORS = {
    Fault.THROTTLED: ("ThrottlingException", 429),
    Fault.REFUSED: ("AccessDeniedException", 403),
}


@dataclass
class ModelCall:
    """One call: when it began, whether it was answered, and whether its function lived on."""

    execution_id: str
    action_id: str
    began_at: float
    invocation: Invocation
    is_answered: bool = False


@dataclass
class SimulatedModel:
    """boto3's client, as far as the handlers use it.

    seconds_at_most: how long a call takes. began: called before each call. sites: how often
    each was asked.
    """

    edges: Edges
    began: Callable[[ModelCall], None]
    is_up: bool = True
    seconds_at_most: float = _SECONDS_AT_MOST
    calls: list[ModelCall] = field(default_factory=list[ModelCall])
    sites: Counter[str] = field(default_factory=Counter[str])
    meta: Any = field(default_factory=lambda: SimpleNamespace(region_name=REGION))

    def converse(self, **request: Any) -> Any:
        """Converse."""
        invocation: Invocation = current().invocation
        event, scheduler = invocation.event, self.edges.scheduler
        call = ModelCall(event["executionId"], event["actionId"], scheduler.now, invocation)
        self.began(call)
        self.calls.append(call)

        def effect() -> Any:
            if not self.is_up:
                raise failure(Fault.THROTTLED)
            site = f"{invocation.name}:{len(request['messages'])}"
            self.sites[site] += 1
            site += "+" * (self.sites[site] - 1)  # a second call beside it takes its own time
            scheduler.sleep(self.edges.plan.chance(site, "model") * self.seconds_at_most)
            call.is_answered = True
            return _answer(request)

        def failure(fault: Fault) -> Exception:
            if fault in _ERRORS:
                code, status = _ERRORS[fault]
                response: Any = {
                    "Error": {"Code": code, "Message": "simulated"},
                    "ResponseMetadata": {"HTTPStatusCode": status},
                }
                return ClientError(response, "Converse")
            call.is_answered = False  # no answer, no account of it: the tokens are the fault's
            return ReadTimeoutError(endpoint_url="bedrock")

        return self.edges.call("converse", Edge.MODEL, effect, failure, malformed=_malformed)


def _answer(request: Any) -> Any:
    kind = request["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]["properties"]
    items = kind["tasks"]["items"]["properties"]
    task_type: str = items["type"]["enum"][0]
    tasks = [
        {
            "title": f"タスク {number}",
            "description": "十五分歩き、記録する。",
            "type": task_type,
            "estimatedMinutes": 30 + number,
        }
        for number in range(kind["tasks"]["minItems"])
    ]
    call = {"toolUseId": "call-1", "name": "save_tasks", "input": {"tasks": tasks}}
    return {
        "stopReason": "tool_use",
        "output": {"message": {"role": "assistant", "content": [{"toolUse": call}]}},
        "usage": {"inputTokens": INPUT_TOKENS, "outputTokens": OUTPUT_TOKENS},
    }


def _malformed(answer: Any) -> Any:
    """The same without the minutes of each task."""
    broken = json.loads(json.dumps(answer))
    for task in broken["output"]["message"]["content"][0]["toolUse"]["input"]["tasks"]:
        del task["estimatedMinutes"]
    return broken
