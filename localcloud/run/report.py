"""The report of an execution, for a person."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from handlers.contract.statuses import ExecutionStatus
from localcloud.database.mandala import PlacedAction
from localcloud.run.counted import counted
from localcloud.run.outcome import ExecutionOutcome
from localcloud.run.report_mandala import mandala_grid

_COLOURS = {ExecutionStatus.SUCCEEDED: "green", ExecutionStatus.PARTIALLY_SUCCEEDED: "yellow"}
_SHOWN_PROBLEMS = 10

_PYTHON = ".venv/bin/python"


def next_commands(outcome: ExecutionOutcome) -> list[tuple[str, str]]:
    """What to try next, with what it shows: about this execution, then about the whole."""
    execution = outcome.execution_id
    retry = (
        f"{_PYTHON} -m ops executions retry {execution} --local",
        "generate only what failed",
    )
    fail = ('make local ARGS="--fail 3"', "three actions fail permanently")
    return [
        (f"{_PYTHON} -m ops trace {execution}", "every attempt over time, one HTML file"),
        *([retry] if outcome.failed else []),
        (f"{_PYTHON} -m ops query --local", "the saved queries of the logs"),
        (f"{_PYTHON} -m localcloud alarms", "the alarms that are on, and why"),
        (f"{_PYTHON} -m localcloud status", "the servers, their ports and logs"),
        *([] if outcome.failed else [fail]),
        ("make local GOAL=localcloud/goals/bakery.yaml", "another goal, or your own"),
        ("make local ARGS=--model=http://localhost:11434", "a real model's answers (Ollama)"),
        ("make down", "stop the cloud, which stays up until then"),
    ]


def print_report(console: Console, outcome: ExecutionOutcome) -> None:
    """Print the grid, the failures, some tasks, the figures and the next commands."""
    kept = len(outcome.mandala.actions) - len(outcome.failed)
    of = counted(len(outcome.mandala.actions), "action")
    counts = f" {kept} of {of}, {counted(outcome.verified.count, 'task')}"
    status = Text(outcome.snapshot.status, f"bold {_COLOURS.get(outcome.snapshot.status, 'red')}")
    console.print()
    console.print(status + Text(counts))
    console.print(mandala_grid(outcome.mandala, outcome.snapshot, console.width))
    console.print(Text("✓ tasks saved  ✗ failed  · not started or not ended", "dim"))
    if outcome.failed:
        _print_section(console, "Failed actions", _failures(outcome))
    shown = shown_actions(outcome)
    if shown:
        tasks = Group(*(_tasks(outcome, action) for action in shown))
        _print_section(console, "Some of the tasks in full", tasks)
    _print_section(console, "In PostgreSQL", Group(*_database_lines(outcome)))
    _print_section(console, "Figures", _pairs(_figures(outcome)))
    console.print()
    console.print(Text("Where to look next", "bold"))
    for command, shows in next_commands(outcome):
        # not wrapped in a narrow terminal, so that it can be copied
        console.print(Text(f"  {command}", "cyan"), soft_wrap=True)
        console.print(Text(f"      {shows}", "dim"))


def shown_actions(outcome: ExecutionOutcome) -> list[PlacedAction]:
    """Up to three actions with tasks: the first EXECUTION, the first HABIT and the last action."""
    saved = [a for a in outcome.mandala.actions if outcome.verified.tasks[a.action_id]]
    firsts = [next((a for a in saved if a.type == type_), None) for type_ in ("EXECUTION", "HABIT")]
    chosen = {a.action_id: a for a in [*firsts, *saved[-1:]] if a}
    return list(chosen.values())


def _print_section(console: Console, title: str, body: RenderableType) -> None:
    console.print()
    console.print(Text(title, "bold"))
    console.print(Padding(body, (0, 0, 0, 2)))


def _failures(outcome: ExecutionOutcome) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("place", no_wrap=True)
    table.add_column("action", ratio=3, overflow="fold")
    table.add_column("error", style="red", no_wrap=True)
    table.add_column("detail", ratio=3, overflow="fold")
    for action in outcome.failed:
        item = outcome.snapshot.actions.get(action.action_id)
        error, detail = (item.error_code, item.error_detail) if item else ("not started", "")
        table.add_row(action.place, Text(action.title), error, Text(detail))
    return table


def _tasks(outcome: ExecutionOutcome, action: PlacedAction) -> RenderableType:
    heading = Text(f"{action.place} {action.title}", "bold cyan")
    heading.append(f"  {action.type}, {outcome.mandala.sub_goals[action.sub_goal]}", "not bold dim")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for number, task in enumerate(outcome.verified.tasks[action.action_id], 1):
        text = Text(task.title).append(f"\n{task.description or ''}", "dim")
        table.add_row(f"{number}.", text, f"{task.minutes} min")
    return Group(heading, Padding(table, (0, 0, 1, 2)))


def _database_lines(outcome: ExecutionOutcome) -> Iterator[Text]:
    verified = outcome.verified
    if not verified.problems:
        actions = len(outcome.mandala.actions) - len(outcome.failed)
        counts = f"{counted(verified.count, 'task')} of {counted(actions, 'action')}"
        yield Text("✓ ", "green") + Text(
            f"{counts}, as in the execution's record, each within the rules"
        )
    for problem in verified.problems[:_SHOWN_PROBLEMS]:
        yield Text("✗ ", "bold red") + Text(problem)
    if len(verified.problems) > _SHOWN_PROBLEMS:
        yield Text(f"  ... and {len(verified.problems) - _SHOWN_PROBLEMS} more")
    if verified.others:
        yield Text(
            f"  kept: {counted(verified.others, 'task')} that a user started, completed, skipped"
            " or added"
        )
    yield Text(f"  goal state {verified.goal_state}")


def _figures(outcome: ExecutionOutcome) -> Iterator[tuple[str, str]]:
    snapshot = outcome.snapshot
    actions = len(outcome.mandala.actions)
    first = outcome.first_task_seconds
    yield "execution", outcome.execution_id
    yield "time", f"{outcome.seconds:.1f} s from its start to its end"
    if first is not None:
        yield "first tasks", f"{first:.1f} s after this command began"
    yield "tokens", f"{snapshot.input_tokens:,} in, {snapshot.output_tokens:,} out"
    yield "cost", f"{snapshot.cost_usd:.6f} USD at Bedrock's prices"
    yield (
        "transitions",
        f"{outcome.transitions} ({outcome.transitions / actions:.2f} an action), "
        f"largest payload {outcome.largest_state_bytes / 1000:.1f} kB",
    )


def _pairs(pairs: Iterator[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(name), Text(value))
    return table
