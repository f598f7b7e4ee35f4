"""The local stack, as the embedded cloud's state file describes it; the only reader of it here."""

from components.names import Names
from localcloud.cluster.state import STATE_FOLDER, read_state
from ops.problems import OperatorError
from ops.stack import LOCAL, Canary, Stack

_OWNER, _GOAL = "hanako", "bakery"
"""A demo goal of the local stack, and its owner (localcloud/cluster/users.py)."""


def open_local_stack() -> Stack:
    """The running embedded cloud; OperatorError if it is not up."""
    state = read_state(STATE_FOLDER)
    if state is None:
        raise OperatorError("the local cloud is not up: python -m localcloud up")
    names = Names(LOCAL, state.account_id, state.region)
    packages = STATE_FOLDER / "packages"
    demo = Canary(state.users[_OWNER].id, state.demo_goals[_GOAL])
    return Stack(names, state, state.api_url, packages, outputs=state.exports, canary=demo)
