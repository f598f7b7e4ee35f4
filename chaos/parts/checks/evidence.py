"""What is known about a goal: from table, database, Step Functions, model, Slack and its owner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Item:
    """A work item; `kept` is the number of tasks kept beside it, None without any."""

    status: str
    error_code: str
    task_count: int
    calls_started: int
    calls_ended: int
    input_tokens: int
    output_tokens: int
    ended_at: datetime | None
    kept: int | None


@dataclass(frozen=True)
class ModelCall:
    """A call that reached the model; times in Unix seconds, tokens 0 unless it was answered."""

    execution_id: str
    action_id: str
    began: float
    ended: float
    status: int
    input_tokens: int
    output_tokens: int
    arrived: bool


@dataclass(frozen=True)
class Progress:
    """An answer of the status route."""

    status: str
    processed: int
    total: int


@dataclass(frozen=True)
class Execution:
    """An execution: its record, its items by action id, and what else bears its id.

    machine_status: Step Functions' own; None if it does not know the execution.
    messages: Slack messages that name it.
    """

    execution_id: str
    status: str
    error_code: str
    started_at: datetime
    stopped_at: datetime | None
    parent_id: str | None
    succeeded: int
    failed: tuple[str, ...]
    total: int
    task_count: int
    input_tokens: int
    output_tokens: int
    items: Mapping[str, Item]
    machine_status: str | None = None
    calls: tuple[ModelCall, ...] = ()
    progress: tuple[Progress, ...] = ()
    messages: int = 0

    @property
    def is_cancelled(self) -> bool:
        """Whether its owner has cancelled it."""
        return self.status == "ABORTED" and self.error_code == "CANCELLED"


@dataclass(frozen=True)
class Task:
    """A row of the product's table `tasks`; version 5 of an id is a generated one's."""

    task_id: str
    action_id: str
    status: str
    title: str

    @property
    def is_generated(self) -> bool:
        """Whether the workflow made it."""
        return self.task_id[14] == "5"


@dataclass(frozen=True)
class Reply:
    """An answer of the API; `execution_id` is the one that it names, `asked` who asked for what."""

    asked: str
    status: int
    code: str = ""
    execution_id: str = ""


@dataclass(frozen=True)
class GoalEvidence:
    """A goal and everything that was done for it.

    executions: the oldest first.
    touched: tasks as a user left them.
    stranger: answers to another user who asked for this goal and its executions.
    leaks: places that hold text of the goal and must not.
    """

    goal_id: str
    seed: int
    state: str
    lock: str | None
    executions: tuple[Execution, ...]
    tasks: tuple[Task, ...]
    replies: tuple[Reply, ...] = ()
    touched: tuple[Task, ...] = ()
    stranger: tuple[Reply, ...] = ()
    leaks: tuple[str, ...] = ()
    actions: tuple[str, ...] = field(default=())
