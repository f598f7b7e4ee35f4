"""`status`: the servers of the cloud, whether they work, and how to connect to them."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from localcloud.cluster import processes
from localcloud.cluster.cloud import Cloud, dead_servers
from localcloud.cluster.state import CloudState

RECOVER = "`python -m localcloud up` (or `make local`) makes a new cloud, with new data."
_NOT_UP = "The cloud is not up: `python -m localcloud up`, or `make local`."
_ENV = 'eval "$(.venv/bin/python -m localcloud env)"'
_INCOMPLETE = (
    "A cloud was brought up only in part: `python -m localcloud up` or `make down` removes it."
)


def status_json(cloud: Cloud) -> tuple[str, int]:
    """The status as a JSON object (without passwords), and the exit code: 0 if the cloud works.

    `status` is up, broken (`dead` has the problem of each dead server) or down.
    """
    state = cloud.state()
    if state is None:
        return json.dumps({"status": "down", "message": _missing(cloud)}), 1
    dead = dead_servers(state)
    facts: dict[str, Any] = state.model_dump(mode="json", by_alias=True)
    for user in facts["users"].values():
        del user["password"]
    facts = {"status": "broken" if dead else "up", "dead": dead, "pids": state.pids, **facts}
    return json.dumps(facts, ensure_ascii=False, indent=2), 1 if dead else 0


def print_status(console: Console, cloud: Cloud) -> int:
    """Print the status for a person; returns the exit code."""
    state = cloud.state()
    if state is None:
        console.print(_missing(cloud))
        return 1
    dead = dead_servers(state)
    console.print(_servers(state, dead))
    if dead:
        names = ", ".join(f"{name} {problem}" for name, problem in dead.items())
        console.print(Text(f"The cloud is broken: {names}. {RECOVER}", "bold red"))
        return 1
    console.print()
    _print_places(console, _places(cloud, state))
    return 0


def _missing(cloud: Cloud) -> str:
    return _INCOMPLETE if cloud.folder.exists() or processes.find(cloud.folder) else _NOT_UP


def _servers(state: CloudState, dead: dict[str, str]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("server", "state", "port", "pid"):
        table.add_column(name)
    for server in state.servers:
        problem = dead.get(server.name)
        mark = Text(problem, "bold red") if problem else Text("works", "green")
        table.add_row(server.name, mark, str(server.port), str(server.pid))
    return table


def _places(cloud: Cloud, state: CloudState) -> list[tuple[str, str]]:
    return [
        ("HTTP API", state.api_url),
        ("token", 'curl -H "Authorization: Bearer $(.venv/bin/python -m localcloud token)" ...'),
        ("AWS", f"{state.endpoint}; for the AWS CLI: {_ENV}"),
        ("PostgreSQL", state.database_url),
        ("model server", f"{state.model_server_url}, answers from {state.upstream or 'itself'}"),
        ("Slack", f"{state.slack_url} shows the messages to the operators"),
        ("state machine", state.state_machine_arn),
        ("table", state.table_name),
        *((f"goal {name}", goal_id) for name, goal_id in state.demo_goals.items()),
        *((f"user {name}", user.email) for name, user in state.users.items()),
        ("passwords", f"in {cloud.folder / 'state.json'}"),
        ("logs", f"{cloud.folder / 'logs'}"),
        (
            "known gaps",
            f"{len(state.known_gaps)}: localcloud/provision/known_gaps.py, each with its reason",
        ),
    ]


def _print_places(console: Console, places: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in places) + 2
    for name, value in places:
        # not wrapped in a narrow terminal, so that it can be copied
        console.print(Text.assemble((f"{name:<{width}}", "cyan"), value), soft_wrap=True)
