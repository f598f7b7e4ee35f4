"""`query`: the saved queries."""

import csv
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from components.monitoring.saved_queries import saved_queries
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import QueryAnswer, QueryName
from ops.logs.querying import QueryResult, find, run, with_parameters
from ops.stack import execution_of
from ops.text import lay_out, terminal_width
from ops.times import moment


def query_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="without it they are listed")
    ] = None,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    execution: Annotated[
        str | None, typer.Option(metavar="ID", help="only of this execution, or its ARN")
    ] = None,
    goal: Annotated[str | None, typer.Option(metavar="ID", help="only of this goal")] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = "1d",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="default: now")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N")] = 1000,
    as_csv: Annotated[bool, typer.Option("--csv", help="comma-separated values")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a saved query of the logs, or list the queries.

    A table wider than the terminal becomes a block a row: no id is ever broken.

    \b
    Example:
      python -m ops query slowest-actions --stack prod --since 3d
    """
    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json exclude each other")
    stack_ = stack_name(stack, local)
    opened = open_stack(stack_)
    if name is None:
        known = [QueryName(query.key, query.question) for query in saved_queries(opened.names)]
        if as_json:
            print_json(QueryAnswer(known, []))
        else:
            for line in lay_out([{"name": each.name, "question": each.question} for each in known]):
                print(line)
        return
    query = find(opened, name)
    execution_id = execution_of(execution, stack_)[1] if execution else None
    text = with_parameters(query, execution_id, goal)
    last = moment("--until", until) if until else datetime.now(UTC)
    result = run(opened, query, text, (moment("--since", since), last), limit)
    if as_json:
        print_json(QueryAnswer([QueryName(query.key, query.question)], result.rows))
    elif as_csv:
        _print_csv(result)
    else:
        for line in lay_out(result.rows, terminal_width()) if result.rows else ["nothing found"]:
            print(line)
        print(f"{len(result.rows)} rows, {result.scanned_bytes:,} bytes scanned", file=sys.stderr)


def _print_csv(result: QueryResult) -> None:
    fields = list(dict.fromkeys(name for row in result.rows for name in row))
    writer = csv.DictWriter(sys.stdout, fields, restval="")
    writer.writeheader()
    writer.writerows(result.rows)
