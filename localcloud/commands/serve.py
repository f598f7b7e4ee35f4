"""The cloud in the foreground: an API to call by hand, until Ctrl-C."""

import time
from typing import NoReturn
from uuid import UUID

import psycopg
from rich.console import Console

from localcloud.cluster.cloud import dead_servers
from localcloud.cluster.state import CloudState
from localcloud.cluster.users import DEMO_USER, OTHER_USER, id_token
from localcloud.database.mandala import read_mandala
from localcloud.errors import LocalCloudError
from localcloud.run.calls import set_model

LATENCY_SECONDS = 2.0
"""Mean of a model call. A goal then takes some ten seconds: time to watch it and to cancel it."""

STARTED, CANCELLED = "marathon", "bakery"
"""The demo goals that the lines start; of the first one some actions fail at their first try."""

_FAILING_ACTIONS = 2
_SECONDS_BETWEEN_LOOKS = 2.0

_LINES = r"""
API={api}
HANAKO='Authorization: Bearer {hanako}'
TARO='Authorization: Bearer {taro}'

# is it there?
curl -sS -w '\n' "$API/health"

# start a goal, and keep the execution's id
EXECUTION=$(curl -sS -X POST -H "$HANAKO" "$API/goals/{started}/start-activity" | {id}); echo "$EXECUTION"

# how far it is, its actions, all her executions, those of the goal
curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/status"
curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/actions"
curl -sS -w '\n' -H "$HANAKO" "$API/workflows?limit=5"
curl -sS -w '\n' -H "$HANAKO" "$API/goals/{started}/workflows?status=RUNNING"

# for taro it does not exist
curl -sS -w '\n' -H "$TARO" "$API/workflows/$EXECUTION/status"

# start another goal, and cancel it
OTHER=$(curl -sS -X POST -H "$HANAKO" "$API/goals/{cancelled}/start-activity" | {id}); echo "$OTHER"
curl -sS -w '\n' -X POST -H "$HANAKO" -H 'Content-Type: application/json' -d '{{"reason": "見直してから"}}' "$API/workflows/$OTHER/cancel"

# wait as the web client does, then do again what failed
while curl -sS -w '\n' -H "$HANAKO" "$API/workflows/$EXECUTION/status" | tee /dev/stderr | grep -q '"status":"RUNNING"'; do sleep 3; done
curl -sS -w '\n' -X POST -H "$HANAKO" "$API/workflows/$EXECUTION/retry"
"""  # noqa: E501 - each is one line to paste
_TAKE_ID = r"""sed -n 's/.*"executionId":"\([^"]*\)".*/\1/p'"""


def serve(state: CloudState, console: Console) -> NoReturn:
    """Say how to call the API, and stay until Ctrl-C; LocalCloudError if a server dies."""
    prepare_model(state)
    console.print(_introduction(state))
    # as they are, to be pasted: a token must not be wrapped
    console.print(lines(state), markup=False, soft_wrap=True)
    console.print("Ctrl-C stops the cloud and deletes its data.")
    # not at the top: only this needs what it imports
    from localcloud.commands.alarms import AlarmWatch  # noqa: PLC0415

    alarms = AlarmWatch(state, console)
    while not (dead := dead_servers(state)):
        alarms.tick()
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    broken = ", ".join(f"{name} {problem}" for name, problem in dead.items())
    raise LocalCloudError(f"The cloud is broken: {broken}. Run the command again.")


def lines(state: CloudState) -> str:
    """A shell's lines, each to be pasted as it stands; the users' tokens are in them."""
    return _LINES.format(
        api=state.api_url,
        hanako=id_token(state, DEMO_USER),
        taro=id_token(state, OTHER_USER),
        started=state.demo_goals[STARTED],
        cancelled=state.demo_goals[CANCELLED],
        id=_TAKE_ID,
    )


def prepare_model(state: CloudState, latency_seconds: float = LATENCY_SECONDS) -> None:
    """Tell the model server how long calls take (unless a real model answers), and what fails."""
    with psycopg.connect(state.database_url) as conn:
        goal = read_mandala(conn, UUID(state.demo_goals[STARTED]))
    faults = {
        action.action_id: {"kind": "refused", "times": 1}
        for action in goal.chosen(_FAILING_ACTIONS, seed=1)
    }
    latency = 0.0 if state.upstream else latency_seconds
    set_model(state.model_server_url, {"latency_seconds": latency, "faults": faults})


def _introduction(state: CloudState) -> str:
    return (
        f"\nThe API is up: {state.api_url}\n"
        f"What Slack is told: {state.slack_url}\n"
        f"{DEMO_USER} owns the goals {' and '.join(state.demo_goals)}, {OTHER_USER} none. Their "
        "tokens are good for an hour, then\n`python -m localcloud token [--user NAME | --admin]` "
        f"prints new ones.\nA model call takes {LATENCY_SECONDS:g} s on average, and "
        f"{_FAILING_ACTIONS} actions of {STARTED} fail at their first try.\n\n"
        "Paste into another terminal, line by line or all at once:"
    )
