"""The command line: `python -m ops trace EXECUTION`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.settings import ENVIRONMENTS
from handlers.storage.errors import TableUnavailableError
from handlers.storage.execution_records import ExecutionRecords
from handlers.storage.work_items import WorkItems
from ops.stack import OperatorError, Stack, execution_of, open_stack
from ops.trace.attempts import Event, read_steps
from ops.trace.page import page
from ops.trace.picture import picture

TROUBLE = 1


def main(arguments: Sequence[str]) -> int:
    """Do what a command line says; 0: done, 1: trouble, 2: bad usage."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except OperatorError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    except (BotoCoreError, ClientError, TableUnavailableError) as error:
        print(f"AWS did not do it: {error}", file=sys.stderr)
        return TROUBLE
    return 0


def _trace(options: argparse.Namespace) -> None:
    name, execution_id = execution_of(options.execution, options.stack)
    stack = open_stack(name)
    output: Path = options.output or Path(f"execution-{execution_id}.html")
    text = _picture_of(stack, execution_id, with_titles=options.titles)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"--output {output}: {error.strerror}") from None
    print(output.resolve().as_uri())


def _picture_of(stack: Stack, execution_id: str, *, with_titles: bool) -> str:
    dynamodb, table = stack.client("dynamodb"), stack.names.table
    record = ExecutionRecords(dynamodb, table).get(execution_id)
    if record is None:
        raise OperatorError(f"no execution {execution_id} in {table} (they are kept for 90 days)")
    items = WorkItems(dynamodb, table).of(execution_id)
    steps = read_steps(_history(stack.client("stepfunctions"), record.execution_arn))
    return page(picture(record, items, steps, datetime.now(UTC)), with_titles=with_titles)


def _history(client: Any, execution_arn: str) -> list[Event]:
    """All events; none if Step Functions has no such execution (it keeps them for 90 days)."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
    try:
        return [event for page_ in pages for event in page_["events"]]
    except client.exceptions.ExecutionDoesNotExist:
        return []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m ops", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    trace = commands.add_parser(
        "trace",
        help="a picture of one execution: a self-contained HTML file",
        description="Draw one execution: its actions and attempts over time, what failed and why.",
    )
    trace.set_defaults(command=_trace)
    trace.add_argument("execution", metavar="EXECUTION", help="its id or its ARN")
    trace.add_argument(
        "--stack", choices=ENVIRONMENTS, help="of an id (default: local); an ARN names its own"
    )
    trace.add_argument("--output", type=Path, metavar="FILE", help="default: execution-ID.html")
    trace.add_argument(
        "--titles", action="store_true", help="show the actions' titles, which are a user's words"
    )
    return parser
