"""What the page shows of an execution: phases, actions, attempts, failures. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from handlers.contract.statuses import ActionStatus
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.models import WorkItem
from ops.trace.attempts import Attempt, AttemptOutcome, EnteredState, OutsideEnd

_PHASES = {
    "Prepare": "prepare",
    "WaitForTurn": "wait",
    "GenerateAll": "generate",
    "SaveAll": "save",
    "Finish": "finish",
}


@dataclass(frozen=True)
class ActionTrace:
    """One action.

    place: sub-goal and action as a person counts, "3-1"; title: the user's text, not yet escaped.
    repairs: model calls beyond one an attempt: second turns over an invalid answer.
    queued_at: when generation began, after which it waits for its turn.
    """

    action_id: str
    place: str
    title: str
    attempts: tuple[Attempt, ...]
    status: ActionStatus
    error_code: str
    error_detail: str
    task_count: int
    repairs: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    ended_at: datetime | None
    queued_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it failed for good."""
        return self.status == ActionStatus.FAILED

    @property
    def is_kept(self) -> bool:
        """Whether its tasks are kept, saved or not yet."""
        return self.status in (ActionStatus.GENERATED, ActionStatus.SAVED)

    @property
    def retries(self) -> int:
        """Attempts beyond the first."""
        return max(len(self.attempts) - 1, 0)

    @property
    def queue(self) -> tuple[datetime, datetime] | None:
        """From the beginning of generation to its first attempt, or its end without one."""
        end = self.attempts[0].works_from if self.attempts else self.ended_at
        return (self.queued_at, end) if self.queued_at and end and end > self.queued_at else None

    @property
    def waits(self) -> list[tuple[datetime, datetime]]:
        """Between the end of an attempt and the work of the next one: the retriers' back-off."""
        return [
            (before.ended_at, after.works_from)
            for before, after in pairwise(self.attempts)
            if before.ended_at
        ]

    @property
    def waiting(self) -> float:
        """Seconds in which nothing worked at it."""
        queue = [self.queue] if self.queue else []
        return sum((end - start).total_seconds() for start, end in (*queue, *self.waits))


@dataclass(frozen=True)
class Bar:
    """A span of time: a phase, or the saving of a batch. ended_at: None while it is open."""

    name: str
    started_at: datetime
    ended_at: datetime | None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class Picture:
    """The whole execution; sub_goals: the actions of each, in the product's order.

    ends_at: when it ended, or when its history was read. end: how it was ended from outside.
    trace_id: X-Ray's; empty if it is not known.
    """

    record: ExecutionRecord
    started_at: datetime
    ends_at: datetime
    sub_goals: tuple[tuple[ActionTrace, ...], ...]
    phases: tuple[Bar, ...]
    batches: tuple[Bar, ...]
    end: OutsideEnd | None = None
    trace_id: str = ""

    @property
    def actions(self) -> list[ActionTrace]:
        """All actions, in order."""
        return [action for around in self.sub_goals for action in around]

    @property
    def failed(self) -> list[ActionTrace]:
        """The actions that failed for good."""
        return [action for action in self.actions if action.has_failed]

    @property
    def seconds(self) -> float:
        """From the start to the end, or to when the history was read."""
        return (self.ends_at - self.started_at).total_seconds()

    def working(self, action: ActionTrace) -> float:
        """Seconds of the action's attempts; an open one works until ends_at."""
        return sum(
            ((each.ended_at or self.ends_at) - each.works_from).total_seconds()
            for each in action.attempts
        )

    def share(self, moment: datetime) -> float:
        """Where a moment lies between start (0) and end (1)."""
        since = (moment - self.started_at).total_seconds()
        return min(max(since / self.seconds, 0), 1) if self.seconds else 0


def picture(
    record: ExecutionRecord,
    items: Sequence[WorkItem],
    states: Sequence[EnteredState],
    now: datetime,
    *,
    end: OutsideEnd | None = None,
    trace_id: str = "",
) -> Picture:
    """Join an execution's record, work items and history.

    items: the work items, in any order; their order is the history's, where it has one.
    """
    generated = {str(s.input.get("actionId", "")): s for s in states if s.name == "GenerateTasks"}
    by_id = {item.action_id: item for item in items}
    ordered = [by_id[action_id] for action_id in generated if action_id in by_id]
    ordered += [item for item in items if item.action_id not in generated]
    queued_at = next((s.entered_at for s in states if s.name == "GenerateAll"), None)
    started_at = datetime.fromisoformat(record.started_at)
    ends = [started_at, *(state.exited_at or state.entered_at for state in states)]
    stopped_at = datetime.fromisoformat(record.stopped_at) if record.stopped_at else now
    return Picture(
        record=record,
        started_at=started_at,
        ends_at=max(stopped_at, *ends),
        sub_goals=tuple(_around_sub_goals(ordered, generated, queued_at)),
        phases=tuple(
            Bar(_PHASES[state.name], state.entered_at, state.exited_at, state.attempts)
            for state in states
            if state.name in _PHASES
        ),
        batches=tuple(
            Bar(f"batch {number}", state.entered_at, state.exited_at, state.attempts)
            for number, state in enumerate((s for s in states if s.name == "SaveBatch"), 1)
        ),
        end=end,
        trace_id=trace_id,
    )


def without_repetition(actions: Iterable[ActionTrace]) -> list[list[ActionTrace]]:
    """The rows: an action each, and in one those without an attempt that ended in the same way."""
    groups: dict[object, list[ActionTrace]] = {}
    for each in actions:
        same = (each.status, each.error_code, each.error_detail)
        groups.setdefault(each.action_id if each.attempts else same, []).append(each)
    return [*groups.values()]


def alike(failed: Iterable[ActionTrace]) -> list[list[ActionTrace]]:
    """Failed actions by what the table says of them."""
    groups: dict[object, list[ActionTrace]] = {}
    for each in failed:
        same = (each.error_code, each.error_detail, len(each.attempts))
        groups.setdefault(same, []).append(each)
    return [*groups.values()]


def error_counts(actions: Iterable[ActionTrace]) -> dict[str, int]:
    """Attempts that did not succeed, by the error's name, the most frequent first."""
    counts: dict[str, int] = {}
    for action in actions:
        for attempt in action.attempts:
            if attempt.outcome in (AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT):
                counts[attempt.error] = counts.get(attempt.error, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _around_sub_goals(
    items: Iterable[WorkItem],
    generated: Mapping[str, EnteredState],
    queued_at: datetime | None,
) -> list[tuple[ActionTrace, ...]]:
    """Actions come in the order of their sub-goals: a new one is the next sub-goal."""
    groups: dict[tuple[str, str | None], list[WorkItem]] = {}
    for item in items:
        sub_goal = (item.context.sub_goal_title, item.context.sub_goal_description)
        groups.setdefault(sub_goal, []).append(item)
    return [
        tuple(
            _action(item, f"{number}-{position}", generated.get(item.action_id), queued_at)
            for position, item in enumerate(group, 1)
        )
        for number, group in enumerate(groups.values(), 1)
    ]


def _action(
    item: WorkItem, place: str, state: EnteredState | None, queued_at: datetime | None
) -> ActionTrace:
    return ActionTrace(
        action_id=item.action_id,
        place=place,
        title=item.context.action_title,
        attempts=state.attempts if state else (),
        status=item.status,
        error_code=item.error_code or "",
        error_detail=item.error_detail or "",
        task_count=item.task_count,
        repairs=item.repairs,
        input_tokens=item.usage.input_tokens,
        output_tokens=item.usage.output_tokens,
        cost_usd=item.usage.cost_usd,
        ended_at=datetime.fromisoformat(item.ended_at) if item.ended_at else None,
        queued_at=queued_at,
    )
