"""The nine invariants: each yields a sentence for every way in which a goal breaks it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from chaos.parts.checks.evidence import Execution, GoalEvidence
from handlers.contract.ids import task_id
from handlers.contract.statuses import ActionStatus, ExecutionStatus

_OPEN = (ActionStatus.PENDING, ActionStatus.GENERATING)
_CLOCK_SECONDS = 0.05
"""How far two clocks' readings of one moment may lie apart (the table's has milliseconds)."""
_ACCEPTED, _CONFLICT, _FOUND = 202, 409, 200
_HIDDEN = (404, 429, 500, 503)


def one_running_execution(goal: GoalEvidence) -> Iterator[str]:
    """1: executions of a goal do not overlap; what the API names exists, and is one at a time."""
    for earlier, later in pairwise(goal.executions):
        if earlier.stopped_at is None or later.started_at < earlier.stopped_at:
            yield f"{later.execution_id} started before {earlier.execution_id} had ended"
    known = {execution.execution_id for execution in goal.executions}
    for reply in goal.replies:
        if reply.status == _ACCEPTED and reply.execution_id not in known:
            yield f"{reply.asked}: accepted as {reply.execution_id}, which has no record"
        # other conflicts: a retry of what has not failed, a cancel of what has ended
        is_start = "start" in reply.asked
        if is_start and reply.status == _CONFLICT and not reply.execution_id:
            yield f"{reply.asked}: 409 without the id of the running execution"


def every_execution_ends(goal: GoalEvidence) -> Iterator[str]:
    """2: record, actions, goal and lock have reached an end state; Step Functions runs nothing."""
    if goal.lock or goal.state == "PROCESSING":
        yield f"the goal is {goal.state}, locked by {goal.lock}"
    for execution in goal.executions:
        if execution.status == ExecutionStatus.RUNNING or execution.stopped_at is None:
            yield f"{execution.execution_id} is {execution.status}"
        if execution.machine_status == "RUNNING":
            yield f"{execution.execution_id} runs on in Step Functions"
        for action_id, item in execution.items.items():
            if item.status in _OPEN:
                yield f"{execution.execution_id}: action {action_id} is {item.status}"


def what_succeeded_is_kept(goal: GoalEvidence) -> Iterator[str]:
    """3: tasks that were generated are saved, unless their execution was cancelled or another one
    has replaced them; a cancelled execution has saved none."""
    saved = {task.task_id for task in goal.tasks}
    for number, execution in enumerate(goal.executions):
        later = goal.executions[number + 1 :]
        for action_id, item in execution.items.items():
            here = f"{execution.execution_id}: action {action_id}"
            if execution.is_cancelled:
                if item.status == ActionStatus.SAVED:
                    yield f"{here} is SAVED, but the execution was cancelled"
                continue
            if item.kept is not None and item.status != ActionStatus.SAVED:
                yield f"{here} has {item.kept} tasks and is {item.status} {item.error_code}"
            if item.status == ActionStatus.SAVED and not _replaced(action_id, later):
                expected = _task_ids(execution, action_id, item.task_count)
                missing = len(expected - saved)
                if missing:
                    yield f"{here} is SAVED, but {missing} of {item.task_count} tasks are lost"


def at_most_once(goal: GoalEvidence) -> Iterator[str]:
    """4: no task twice, no call for a result that was kept, progress only forwards."""
    owner = {
        task: (execution.execution_id, action_id)
        for execution in goal.executions
        for action_id, item in execution.items.items()
        for task in _task_ids(execution, action_id, item.task_count)
    }
    touched = {task.task_id for task in goal.touched}
    per_action: dict[str, set[str]] = {}
    for task in goal.tasks:
        if not task.is_generated or task.task_id in touched:
            continue
        if task.task_id not in owner:
            yield f"task {task.task_id} belongs to no execution's result"
            continue
        per_action.setdefault(task.action_id, set()).add(owner[task.task_id][0])
    for action_id, executions in per_action.items():
        if len(executions) > 1:
            yield f"action {action_id} has the tasks of {len(executions)} executions"
    for execution in goal.executions:
        yield from _called_again(execution)
        yield from _backwards(execution)


def _called_again(execution: Execution) -> Iterator[str]:
    for call in execution.calls:
        item = execution.items.get(call.action_id)
        if item is None or item.kept is None or item.ended_at is None:
            continue
        if call.began > item.ended_at.timestamp() + _CLOCK_SECONDS:
            late = call.began - item.ended_at.timestamp()
            yield (
                f"{execution.execution_id}: the model was called for action {call.action_id} "
                f"{late:.2f} s after its result was kept"
            )


def _backwards(execution: Execution) -> Iterator[str]:
    for before, after in pairwise(execution.progress):
        if after.processed < before.processed:
            yield f"{execution.execution_id}: progress {before.processed} -> {after.processed}"
    for each in execution.progress:
        if each.processed > each.total:
            yield f"{execution.execution_id}: progress {each.processed} of {each.total}"
    ended = False
    for each in execution.progress:
        if ended and each.status == ExecutionStatus.RUNNING:
            yield f"{execution.execution_id}: RUNNING after it had ended"
        ended = ended or each.status != ExecutionStatus.RUNNING


def fenced(goal: GoalEvidence, before: GoalEvidence) -> Iterator[str]:
    """5: nothing has changed since an execution ended, but by later executions and users."""
    now = {execution.execution_id: execution for execution in goal.executions}
    for execution in before.executions:
        later = now.get(execution.execution_id)
        if later is None:
            yield f"{execution.execution_id} has lost its record"
            continue
        was, is_ = _end_of(execution), _end_of(later)
        if was != is_:
            changed = [f"{a!r} -> {b!r}" for a, b in zip(was, is_, strict=True) if a != b]
            yield f"{execution.execution_id} changed after its end: {', '.join(changed)}"
    if len(now) == len(before.executions):
        untouched = {each.task_id for each in (*before.touched, *goal.touched)}
        tasks = [{t for t in each.tasks if t.task_id not in untouched} for each in (before, goal)]
        if tasks[0] != tasks[1]:
            yield f"{len(tasks[0] ^ tasks[1])} tasks changed after the last execution had ended"
        if before.state != goal.state:
            yield f"the goal's state changed from {before.state} to {goal.state}"


def users_tasks_stay(goal: GoalEvidence) -> Iterator[str]:
    """6: a task that a user has started, completed or skipped is as the user left it."""
    tasks = {task.task_id: task for task in goal.tasks}
    for task in goal.touched:
        if tasks.get(task.task_id) != task:
            yield f"task {task.task_id}, {task.status} by its user, is {tasks.get(task.task_id)}"


def strangers_see_nothing(goal: GoalEvidence) -> Iterator[str]:
    """7: to another user the goal and its executions do not exist."""
    for reply in goal.stranger:
        if reply.status not in _HIDDEN:
            yield f"a stranger's {reply.asked} was answered {reply.status}"


def text_stays_data(goal: GoalEvidence) -> Iterator[str]:
    """8: no text of the goal is where it does not belong."""
    yield from (f"its text is in {place}" for place in goal.leaks)


def calls_are_accounted_for(goal: GoalEvidence) -> Iterator[str]:
    """9: every call that reached the model was counted before, and is paid for once."""
    for execution in goal.executions:
        made = Counter(call.action_id for call in execution.calls)
        for action_id, item in execution.items.items():
            here = f"{execution.execution_id}: action {action_id}"
            if made[action_id] > item.calls_started:
                yield f"{here}: {made[action_id]} calls, {item.calls_started} counted"
            if item.calls_ended > item.calls_started:
                yield f"{here}: {item.calls_ended} calls ended, {item.calls_started} started"
            answered = [call for call in execution.calls if call.action_id == action_id]
            for kind in ("input_tokens", "output_tokens"):
                arrived = sum(getattr(c, kind) for c in answered if c.arrived)
                paid = sum(getattr(call, kind) for call in answered)
                if not getattr(item, kind) <= paid:
                    yield f"{here}: {getattr(item, kind)} {kind} accounted for, {paid} used"
                if item.calls_ended >= made[action_id] and getattr(item, kind) < arrived:
                    yield f"{here}: {getattr(item, kind)} {kind} accounted for, {arrived} arrived"
        for kind in ("input_tokens", "output_tokens"):
            total = sum(getattr(item, kind) for item in execution.items.values())
            if execution.stopped_at and getattr(execution, kind) != total:
                yield (
                    f"{execution.execution_id}: its record has {getattr(execution, kind)} {kind}, "
                    f"its actions {total}"
                )


def announced_once(goal: GoalEvidence) -> Iterator[str]:
    """Notifications: no execution's end is announced twice."""
    for execution in goal.executions:
        if execution.messages > 1:
            yield f"{execution.execution_id} was announced {execution.messages} times"


INVARIANTS: dict[str, Callable[[GoalEvidence], Iterable[str]]] = {
    "1 one running execution": one_running_execution,
    "2 every execution ends": every_execution_ends,
    "3 what succeeded is kept": what_succeeded_is_kept,
    "4 at most once": at_most_once,
    "6 users' tasks stay": users_tasks_stay,
    "7 strangers see nothing": strangers_see_nothing,
    "8 text stays data": text_stays_data,
    "notifications": announced_once,
}
"""By number and name. The fifth (`fenced`) compares two moments; the ninth holds in the end, since
accounting may be written late."""


def broken(goal: GoalEvidence, before: GoalEvidence | None = None) -> list[str]:
    """Every way in which a goal breaks an invariant.

    before: what was known when it came to rest; None if that is now.
    """
    late = {"9 calls are accounted for": calls_are_accounted_for} if before else {}
    found = [
        f"{name}: goal {goal.goal_id}: {sentence}"
        for name, invariant in {**INVARIANTS, **late}.items()
        for sentence in invariant(goal)
    ]
    if before:
        found += [f"5 fenced: goal {goal.goal_id}: {each}" for each in fenced(goal, before)]
    return found


def _replaced(action_id: str, later: Iterable[Execution]) -> bool:
    return any(
        each.items[action_id].status == ActionStatus.SAVED
        for each in later
        if action_id in each.items
    )


def _task_ids(execution: Execution, action_id: str, count: int) -> set[str]:
    return {str(task_id(execution.execution_id, action_id, index)) for index in range(count)}


def _end_of(execution: Execution) -> tuple[object, ...]:
    """What nothing may change any more; usage may still come in."""
    return (
        execution.status,
        execution.stopped_at,
        execution.succeeded,
        sorted(execution.failed),
        execution.task_count,
        {action_id: (item.status, item.task_count) for action_id, item in execution.items.items()},
    )
