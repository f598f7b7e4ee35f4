"""The command line of the embedded cloud: `python -m localcloud COMMAND`."""

import argparse
import signal
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import ADMIN, DEMO_USER, id_token
from localcloud.commands.env import exports
from localcloud.commands.query import print_query
from localcloud.commands.serve import serve
from localcloud.commands.status import print_status, status_json
from localcloud.errors import LocalCloudError
from localcloud.run import options as run_options
from localcloud.run.counted import counted
from localcloud.run.run import INTERRUPTED, run

FAILED = 1
BAD_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit code.

    0: success; 1: an error, or an execution that failed; 2: bad usage; 130: interrupted.
    """
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        code: int = options.command(options, Cloud())
    except run_options.UsageError as error:
        _print_error(str(error))
        return BAD_USAGE
    except LocalCloudError as error:
        _print_error(str(error))
        return FAILED
    except KeyboardInterrupt:
        _print_error("Interrupted.")
        return INTERRUPTED
    return code


def _up(options: argparse.Namespace, cloud: Cloud) -> int:
    console = Console(highlight=False)
    state, is_new = cloud.up(Steps(console), _upstream(options))
    console.print("The cloud is up." if is_new else "The cloud is up already.")
    console.print(f"API: {state.api_url}\nDetails: python -m localcloud status; stop: make down")
    return 0


def _down(_options: argparse.Namespace, cloud: Cloud) -> int:
    console = Console(highlight=False)
    console.print(_down_again(cloud.down(Steps(console))))
    return 0


def _down_again(ended: int) -> str:
    return (
        f"The cloud is down: {counted(ended, 'process', 'processes')} ended, its folder is deleted."
    )


def _status(options: argparse.Namespace, cloud: Cloud) -> int:
    if options.json:
        text, code = status_json(cloud)
        print(text)
        return code
    return print_status(Console(highlight=False), cloud)


def _token(options: argparse.Namespace, cloud: Cloud) -> int:
    state = cloud.state()
    if state is None:
        raise LocalCloudError("The cloud is not up: python -m localcloud up")
    print(id_token(state, ADMIN if options.admin else options.user))
    return 0


def _env(_options: argparse.Namespace, cloud: Cloud) -> int:
    state = cloud.state()
    if state is None:
        raise LocalCloudError("The cloud is not up: python -m localcloud up")
    print(exports(state))
    return 0


def _query(options: argparse.Namespace, cloud: Cloud) -> int:
    state = cloud.state()
    if state is None:
        raise LocalCloudError("The cloud is not up: python -m localcloud up")
    print_query(state, Console(highlight=False), options.name, options.execution)
    return 0


def _alarms(_options: argparse.Namespace, cloud: Cloud) -> int:
    from localcloud.commands.alarms import print_alarms  # noqa: PLC0415 - what it imports takes a while

    state = cloud.state()
    if state is None:
        raise LocalCloudError("The cloud is not up: python -m localcloud up")
    print_alarms(state, Console(highlight=False))
    return 0


def _run(options: argparse.Namespace, cloud: Cloud) -> int:
    run_parameters, upstream = run_options.read_options(options), _upstream(options)
    console = Console(stderr=options.json, highlight=False)
    is_new = False
    try:
        steps = Steps(console)
        state, is_new = cloud.up(steps, upstream)
        code = run(state, run_parameters, steps)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED and is_new:
        console.print("Taking down the cloud that this command brought up, with its data ...")
        console.print(_down_again(cloud.down(Steps(console))))
    elif code != INTERRUPTED and not options.json:  # the JSON object must be the last line
        console.print("\nThe cloud stays up; `make down` stops it.")
    return code


def _serve(options: argparse.Namespace, cloud: Cloud) -> int:
    upstream = _upstream(options)
    console = Console(highlight=False)
    steps = Steps(console)
    try:
        state, _ = cloud.up(steps, upstream)
        serve(state, console)
    finally:
        console.print(_down_again(cloud.down(steps)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m localcloud", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="bring the cloud up, unless it is up already")
    up.set_defaults(command=_up)

    serve_ = commands.add_parser(
        "serve", help="bring the cloud up, print how to call its API, wait for Ctrl-C"
    )
    serve_.set_defaults(command=_serve)
    for command in (up, serve_):
        command.add_argument(
            "--model",
            metavar="bedrock|URL",
            help="let a real model answer: Bedrock, with your own AWS credentials, or an "
            "OpenAI-compatible server; #MODEL at the end names the model",
        )

    down = commands.add_parser("down", help="end its processes and delete its files")
    down.set_defaults(command=_down)

    status = commands.add_parser(
        "status", help="show the servers and their ports; exit code 1 unless all work"
    )
    status.set_defaults(command=_status)
    status.add_argument("--json", action="store_true", help="one JSON object")

    token = commands.add_parser("token", help="print an ID token for the HTTP API")
    token.set_defaults(command=_token)
    who = token.add_mutually_exclusive_group()
    who.add_argument("--user", default=DEMO_USER, metavar="NAME", help=f"default: {DEMO_USER}")
    who.add_argument("--admin", action="store_true", help="the user who may see all executions")

    env = commands.add_parser(
        "env", help='print variables for the AWS CLI: eval "$(python -m localcloud env)"'
    )
    env.set_defaults(command=_env)

    query = commands.add_parser("query", help="run a saved query on the cloud's logs")
    query.set_defaults(command=_query)
    query.add_argument("name", metavar="NAME", help="such as slowest-actions (docs/monitoring.md)")
    query.add_argument("--execution", metavar="ID", help="the execution, for a query about one")

    alarms = commands.add_parser(
        "alarms", help="evaluate the alarms now; show those that are not OK, and why"
    )
    alarms.set_defaults(command=_alarms)

    run_ = commands.add_parser("run", help="bring the cloud up and run one execution of a goal")
    run_.set_defaults(command=_run)
    run_options.add_arguments(run_)
    return parser


def _upstream(options: argparse.Namespace) -> str:
    model: str = options.model or ""
    parts = urlsplit(model)
    is_url = parts.scheme in ("http", "https") and parts.hostname
    if model and not is_url and model.partition("#")[0] != "bedrock":
        raise run_options.UsageError(f"--model {model}: allowed are bedrock and an http(s) URL")
    return model


def _print_error(text: str) -> None:
    Console(stderr=True, highlight=False).print(Text(text))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
