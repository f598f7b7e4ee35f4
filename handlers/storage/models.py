"""One action: the texts of its prompt, the tasks generated from it, and what that cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from handlers.contract.statuses import ActionStatus

ActionType = Literal["EXECUTION", "HABIT"]


@dataclass(frozen=True)
class ActionContext:
    """The texts of the prompt. They are the user's: hostile until they are fenced."""

    action_title: str
    action_type: ActionType
    sub_goal_title: str
    goal_title: str
    action_description: str | None = None
    action_background: str | None = None
    action_constraints: str | None = None
    sub_goal_description: str | None = None
    goal_description: str | None = None
    goal_deadline: date | None = None
    goal_background: str | None = None
    goal_constraints: str | None = None


@dataclass(frozen=True)
class GeneratedTask:
    """One task that the model proposed and the rules accepted."""

    title: str
    description: str
    type: ActionType
    estimated_minutes: int


@dataclass(frozen=True)
class KeptAnswer:
    """What of the model's answer is kept.

    coerced: how the answer had to be read; empty for one in the requested form.
    """

    tasks: Sequence[GeneratedTask]
    prompt_version: str
    model: str
    coerced: Sequence[str] = ()


@dataclass(frozen=True)
class Usage:
    """Tokens and cost (US dollars) of model calls."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = field(default_factory=Decimal)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True)
class ActionProgress:
    """How far one action of an execution is: what is shown of it, and what ends the execution."""

    action_id: str
    status: ActionStatus
    attempts: int = 0
    usage: Usage = field(default_factory=Usage)
    error_code: str | None = None
    task_count: int = 0
    started_at: str | None = None
    ended_at: str | None = None

    @property
    def has_tasks(self) -> bool:
        """Whether its tasks are kept, saved or not yet."""
        return self.status in (ActionStatus.GENERATED, ActionStatus.SAVED)


@dataclass(frozen=True, kw_only=True)
class WorkItem(ActionProgress):
    """One action of one execution as the table keeps it, without its tasks.

    throttles: the number of attempts that throttling ended.
    hedged_calls: of the calls, how many were made while another one was in flight.
    coerced: how the model's answer had to be read; empty for an answer in the requested form.
    """

    execution_id: str
    context: ActionContext
    throttles: int = 0
    calls_started: int = 0
    calls_ended: int = 0
    hedged_calls: int = 0
    prompt_version: str | None = None
    error_detail: str | None = None
    coerced: tuple[str, ...] = ()

    @property
    def repairs(self) -> int:
        """The number of repair turns: all calls but the first one of each attempt and those that
        were made beside another."""
        return max(self.calls_started - self.hedged_calls - self.attempts, 0)

    @property
    def has_failed_before(self) -> bool:
        """Whether a request had no usable answer. A throttled request does not count."""
        return self.attempts > self.throttles or self.repairs > 0


def total_usage(items: Iterable[ActionProgress]) -> Usage:
    """The usage of all the items."""
    return sum((item.usage for item in items), Usage())
