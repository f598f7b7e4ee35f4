"""One action from its start to its saved tasks, for a goal that is kept for this."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from ops.executions.acting import ACCEPTED, post
from ops.executions.goal import read_goal
from ops.executions.reading import Execution, read_execution, table_of
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import Canary, Stack
from ops.verify.facts import Line

_POLL_SECONDS = 1.0
_LISTED_SECONDS = 15
"""Until an ended execution is listed as ended."""
_RUNNING = "RUNNING"


@dataclass(frozen=True)
class _Lines:
    """Makes the lines of one canary."""

    goal_id: str

    def __call__(self, check: str, expected: str, found: str) -> Line:
        return Line(f"canary goal {self.goal_id}", check, expected, found, expected == found)


def canary_of(stack: Stack) -> Canary:
    """The local stack's own, or that of the setting. Raises OperatorError."""
    if stack.canary:
        return stack.canary
    name = stack.names.environment
    configured = settings_of(name).canary
    if configured is None:
        raise OperatorError(
            "--canary: the stack has no setting goal-mandala:canary: keep a goal with one action,"
            f" of a user of its own, and pulumi config set --stack {name} --path"
            " goal-mandala:canary.goalId ID (the same for canary.userId)"
        )
    return Canary(configured.user_id, configured.goal_id)


def run_canary(stack: Stack, canary: Canary, wait_seconds: float = 300) -> Iterator[Line]:
    """Start the goal as its owner does, wait for the end, and look at what is kept.

    Nothing of another user is touched. What stays are the tasks of that goal, which each run
    replaces, and the execution's record until its TTL.
    """
    line = _Lines(canary.goal_id)
    status, body = post(
        stack,
        "/goals/{goalId}/start-activity",
        {"goalId": canary.goal_id},
        canary.user_id,
        f"ops-canary-{uuid4()}",
    )
    refusal = body.get("error", {})
    code = f" {refusal.get('code')}, {refusal.get('message')}" if refusal else ""
    yield line("start", str(ACCEPTED), f"{status}{code}")
    if status != ACCEPTED:
        return
    ended = _wait(stack, body["executionId"], wait_seconds)
    failures = "".join(f", {code} {number}" for code, number in ended.failures.items())
    yield line("execution", "SUCCEEDED", f"{ended.status}{failures}")
    yield line("Step Functions", "SUCCEEDED", ended.machine_status or "dropped")
    items = table_of(stack).work_items.of(ended.execution_id)
    saved = sum(item.status == "SAVED" and item.task_count > 0 for item in items)
    yield line("actions with saved tasks", str(ended.total), str(saved))
    seconds = 0 if ended.status == _RUNNING else _LISTED_SECONDS
    is_free = _comes_free(stack, canary.goal_id, seconds)
    yield line("goal afterwards", "free", "free" if is_free else "busy")


def _comes_free(stack: Stack, goal_id: str, seconds: float) -> bool:
    """Whether no execution holds the goal: lists of executions are eventually consistent."""
    deadline = time.monotonic() + seconds
    while read_goal(stack, goal_id, datetime.now(UTC)).busy:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _wait(stack: Stack, execution_id: str, seconds: float) -> Execution:
    deadline = time.monotonic() + seconds
    while True:
        found = read_execution(stack, execution_id)
        is_over = _RUNNING not in (found.status, found.machine_status)
        if is_over or time.monotonic() > deadline:
            return found
        time.sleep(_POLL_SECONDS)
