"""What the run has seen of each goal: answers of the API, progress, users' changes, model calls."""

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.parts.checks.evidence import ModelCall, Progress, Reply, Task
from chaos.parts.wire.http_proxy import Answer
from localcloud.run.api_client import ApiRefusedError

_OK = 200


@dataclass
class Goal:
    """A goal of a seed, and what was seen of it.

    is_driven: its owner is still at work on it.
    """

    goal_id: str
    seed: int
    actions: tuple[str, ...]
    replies: list[Reply] = field(default_factory=list[Reply])
    touched: list[Task] = field(default_factory=list[Task])
    stranger: list[Reply] = field(default_factory=list[Reply])
    is_driven: bool = True

    @property
    def accepted(self) -> list[str]:
        """The ids that the API has accepted, in the order of its answers."""
        found = [reply.execution_id for reply in self.replies if reply.status == 202]  # noqa: PLR2004
        return list(dict.fromkeys(found))

    def note(self, asked: str, execution_id: str, status: int = 202) -> Reply:
        """Note an answer that is no refusal; status 0: there was none."""
        return self._add(Reply(asked, status, "", execution_id))

    def refused(self, asked: str, error: ApiRefusedError) -> Reply:
        """Note a refusal."""
        named = str(error.details.get("executionId", ""))
        return self._add(Reply(asked, error.status, error.code, named))

    def _add(self, reply: Reply) -> Reply:
        self.replies.append(reply)
        return reply


@dataclass
class Ledger:
    """All goals by id, progress and model calls by execution."""

    goals: dict[str, Goal] = field(default_factory=dict[str, Goal])
    progress: dict[str, list[Progress]] = field(
        default_factory=lambda: defaultdict[str, list[Progress]](list)
    )
    calls: dict[str, list[ModelCall]] = field(
        default_factory=lambda: defaultdict[str, list[ModelCall]](list)
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def model_called(self, request: bytes, answer: Answer, arrived: bool) -> None:
        """Note a call that reached the model (`wire.http_proxy.Seen`)."""
        metadata = json.loads(request).get("requestMetadata", {})
        body: dict[str, Any] = json.loads(answer.content) if answer.status == _OK else {}
        usage: dict[str, int] = body.get("usage", {})
        call = ModelCall(
            metadata.get("executionId", ""),
            metadata.get("actionId", ""),
            answer.began,
            answer.ended,
            answer.status,
            usage.get("inputTokens", 0),
            usage.get("outputTokens", 0),
            arrived,
        )
        with self.lock:
            self.calls[call.execution_id].append(call)

    def calls_of(self, execution_id: str) -> tuple[ModelCall, ...]:
        """The calls for an execution."""
        with self.lock:
            return tuple(self.calls.get(execution_id, ()))

    def unsettled(self, settled: Sequence[str]) -> list[Goal]:
        """The goals whose end has not been checked, and that nobody works on."""
        done = set(settled)
        return [g for g in self.goals.values() if g.goal_id not in done and not g.is_driven]

    def paid_twice(self) -> tuple[int, int, int]:
        """Calls answered, those beyond the first of an action, and of these how many first answers
        had not arrived."""
        answered = beyond = lost = 0
        with self.lock:
            every = [call for calls in self.calls.values() for call in calls]
        by_action: dict[tuple[str, str], list[ModelCall]] = defaultdict(list)
        for call in every:
            if call.output_tokens:
                by_action[call.execution_id, call.action_id].append(call)
        for calls in by_action.values():
            answered += len(calls)
            beyond += len(calls) - 1
            lost += sum(not call.arrived for call in calls[:-1])
        return answered, beyond, lost
