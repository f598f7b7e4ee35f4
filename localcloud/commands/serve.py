"""`serve`: the cloud in the foreground, with curl commands for its API, until Ctrl-C."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NoReturn
from uuid import UUID

import psycopg
from rich.console import Console

from localcloud.cluster.cloud import dead_servers
from localcloud.cluster.state import CloudState
from localcloud.cluster.users import DEMO_USER, OTHER_USER, id_token
from localcloud.database.mandala import read_mandala
from localcloud.errors import LocalCloudError
from localcloud.run.api_client import ApiClient, ApiRefusedError
from localcloud.run.calls import set_model

LATENCY_SECONDS = 2.0
"""Mean of a model call: an execution then takes about ten seconds, enough to watch or cancel it."""

STARTED, CANCELLED = "marathon", "bakery"
"""The demo goals that the commands start; some actions of STARTED fail in its first execution."""

_FAILING_ACTIONS = 2
_SECONDS_BETWEEN_CHECKS = 2.0

_LINES = r"""
API={api}
HANAKO='Authorization: Bearer {hanako}'
TARO='Authorization: Bearer {taro}'

# does the API answer?
curl -sS -w '\n' "$API/health"

# start an execution of a goal, and keep its id
EXECUTION=$(curl -sS -X POST -H "$HANAKO" "$API/goals/{started}/start-activity" | {id}); echo "$EXECUTION"

# its progress, its actions, all executions of the user, those of the goal
curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/status"
curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/actions"
curl -sS -w '\n' -H "$HANAKO" "$API/workflows?limit=5"
curl -sS -w '\n' -H "$HANAKO" "$API/goals/{started}/workflows?status=RUNNING"

# taro does not see it
curl -sS -w '\n' -H "$TARO" "$API/workflows/$EXECUTION/status"

# start an execution of another goal, and cancel it
OTHER=$(curl -sS -X POST -H "$HANAKO" "$API/goals/{cancelled}/start-activity" | {id}); echo "$OTHER"
curl -sS -w '\n' -X POST -H "$HANAKO" -H 'Content-Type: application/json' -d '{{"reason": "見直してから"}}' "$API/workflows/$OTHER/cancel"

# wait as the web client does, then retry the failed actions
while curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/status" | tee /dev/stderr | grep -q '"status":"RUNNING"'; do sleep 3; done
curl -sS -w '\n' -X POST -H "$HANAKO" "$API/workflows/$EXECUTION/retry"
"""  # noqa: E501 - each command is one line
_TAKE_ID = r"""sed -n 's/.*"executionId":"\([^"]*\)".*/\1/p'"""


def serve(state: CloudState, console: Console) -> NoReturn:
    """Print how to call the API, and wait for Ctrl-C. Raises LocalCloudError if a server dies."""
    prepare_model(state)
    warm_up(state)
    console.print(_introduction(state))
    # neither markup nor wrapping: the lines are to be pasted, and a token must stay in one
    console.print(lines(state), markup=False, soft_wrap=True)
    console.print("Ctrl-C stops the cloud and deletes its data.")
    # its imports take a while, and only this command needs them
    from localcloud.commands.alarms import AlarmWatch  # noqa: PLC0415

    alarms = AlarmWatch(state, console)
    while not (dead := dead_servers(state)):
        alarms.tick()
        time.sleep(_SECONDS_BETWEEN_CHECKS)
    broken = ", ".join(f"{name} {problem}" for name, problem in dead.items())
    raise LocalCloudError(f"The cloud is broken: {broken}. Run the command again.")


def lines(state: CloudState) -> str:
    """Shell commands to paste, with the users' tokens in them."""
    return _LINES.format(
        api=state.api_url,
        hanako=id_token(state, DEMO_USER),
        taro=id_token(state, OTHER_USER),
        started=state.demo_goals[STARTED],
        cancelled=state.demo_goals[CANCELLED],
        id=_TAKE_ID,
    )


def prepare_model(state: CloudState, latency_seconds: float = LATENCY_SECONDS) -> None:
    """Set the latency of the model server (unless a real model answers) and two faults."""
    with psycopg.connect(state.database_url) as conn:
        goal = read_mandala(conn, UUID(state.demo_goals[STARTED]))
    faults = {
        action.action_id: {"kind": "refused", "times": 1}
        for action in goal.chosen(_FAILING_ACTIONS, seed=1)
    }
    latency = 0.0 if state.upstream else latency_seconds
    set_model(state.model_server_url, {"latency_seconds": latency, "faults": faults})


def warm_up(state: CloudState) -> None:
    """Call each function behind the API once: a first call starts its process, for seconds."""
    client = ApiClient(state.api_url, id_token(state, DEMO_USER))
    nothing = str(UUID(int=0))
    calls = (
        lambda: client.executions(limit="1"),
        lambda: client.start(nothing),
        lambda: client.cancel(nothing),
    )

    def call(request: Callable[[], object]) -> None:
        with suppress(ApiRefusedError):  # there is no such goal and no such execution
            request()

    with ThreadPoolExecutor(len(calls)) as pool:
        for _ in pool.map(call, calls):
            pass


def _introduction(state: CloudState) -> str:
    return (
        f"\nThe API is up: {state.api_url}\n"
        f"The Slack messages: {state.slack_url}\n"
        f"{DEMO_USER} owns the goals {' and '.join(state.demo_goals)}, {OTHER_USER} none. Their "
        "tokens are valid for an hour, then\n`python -m localcloud token [--user NAME | --admin]` "
        f"prints new ones.\nA model call takes {LATENCY_SECONDS:g} s on average, and "
        f"{_FAILING_ACTIONS} actions of {STARTED} fail at their first try.\n\n"
        "Paste into another terminal, line by line or all at once:"
    )
