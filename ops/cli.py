"""The command line: `python -m ops trace EXECUTION`, `python -m ops prune --stack STACK`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from components.settings import ENVIRONMENTS
from handlers.storage.errors import TableUnavailableError
from ops.local import open_local_stack
from ops.prune import kept_versions, prune
from ops.stack import LOCAL, OperatorError, Stack, execution_of, open_aws_stack
from ops.trace.draw import draw

FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Run one command. Exit status: 0 done, 1 failed, 2 bad usage."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except OperatorError as error:
        print(error, file=sys.stderr)
        return FAILED
    except (BotoCoreError, ClientError, TableUnavailableError) as error:
        print(f"AWS failed: {error}", file=sys.stderr)
        return FAILED
    return 0


def _open(name: str) -> Stack:
    return open_local_stack() if name == LOCAL else open_aws_stack(name)


def _trace(options: argparse.Namespace) -> None:
    name, execution_id = execution_of(options.execution, options.stack)
    stack = _open(name)
    output: Path = options.output or Path(f"execution-{execution_id}.html")
    text = draw(stack, execution_id, with_titles=options.titles)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"--output {output}: {error.strerror}") from None
    print(output.resolve().as_uri())


def _prune(options: argparse.Namespace) -> None:
    keep: int = kept_versions(options.stack) if options.keep is None else options.keep
    old = prune(_open(options.stack), keep, delete=options.delete)
    for version in old:
        print(f"{version.owner} {version.number}")
    done = "deleted" if options.delete else "would be deleted, with --delete"
    print(f"versions {done}: {len(old)}; kept of each: the newest {keep} and those in use")


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
    old = commands.add_parser(
        "prune",
        help="delete old published versions of the functions and of the state machine",
        description="List old published versions, or delete them. Never: the newest, what an alias"
        " points at, what has provisioned concurrency.",
    )
    old.set_defaults(command=_prune)
    old.add_argument("--stack", choices=ENVIRONMENTS, required=True)
    old.add_argument("--keep", type=int, metavar="N", help="default: the setting keptVersions")
    old.add_argument("--delete", action="store_true", help="without it they are only listed")
    return parser
