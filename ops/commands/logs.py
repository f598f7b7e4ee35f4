"""`logs`: lines of the stack's log groups."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import LogLines
from ops.logs.lines import LEVELS
from ops.logs.reading import chosen, follow, read_lines
from ops.stack import execution_of
from ops.times import moment


def logs_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="functions, state-machine, api; default: all"),
    ] = None,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    level: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="this level and graver: ERROR, WARNING, ...")
    ] = None,
    execution: Annotated[
        str | None, typer.Option(metavar="ID", help="only lines of this execution, or its ARN")
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = "1h",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="default: now")] = None,
    follow_: Annotated[bool, typer.Option("--follow", help="and what comes, until Ctrl-C")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show log lines of several groups in the order of their times.

    With --follow and --json each line is an object of its own.

    \b
    Example:
      python -m ops logs task-generation --stack prod --level ERROR --since 2h
    """
    if level is not None and level.upper() not in LEVELS:
        raise typer.BadParameter(f"--level {level}: allowed are {', '.join(LEVELS)}")
    if follow_ and until:
        raise typer.BadParameter("--follow and --until exclude each other")
    name = stack_name(stack, local)
    wanted = {
        "level": level.upper() if level else None,
        "execution_id": execution_of(execution, name)[1] if execution else None,
    }
    first, last = moment("--since", since), moment("--until", until) if until else None
    opened = open_stack(name)
    groups = chosen(opened, sources or [])
    if follow_:
        for line in follow(opened, groups, first, **wanted):
            if line is not None:
                shown = json.dumps(asdict(line), ensure_ascii=False) if as_json else str(line)
                print(shown, flush=True)
        return
    lines = read_lines(opened, groups, first, last, **wanted)
    if as_json:
        print_json(LogLines(lines))
    else:
        for line in lines:
            print(line)
