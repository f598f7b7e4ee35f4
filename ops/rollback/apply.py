"""Carry out moves: each is read back, the whole is checked, and undone if it does not work."""

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ops.problems import OperatorError
from ops.rollback.plan import Move
from ops.rollback.versions import live_version, point_live, read_content
from ops.stack import Stack

_HEALTHY = "200"


def apply(stack: Stack, moves: Sequence[Move], health: Callable[[], str]) -> None:
    """Move the aliases, the first move first.

    Interrupted, it leaves done what is done: the same command again does the rest.
    Raises OperatorError after it has put back every alias that it moved, if a version is not
    usable, an alias is not where it was put, or the API that was healthy is not any more.
    """
    to_do = [move for move in moves if not move.is_done]
    was_healthy = health() == _HEALTHY
    moved = list[Move]()
    try:
        for move in to_do:
            _check_usable(stack, move)
            moved.append(move)
            point_live(stack, move.name, move.new)
            if (live := live_version(stack, move.name)) != move.new:
                raise OperatorError(f"live of {move.name} is at {live}, not at {move.new}")
        if was_healthy and (status := health()) != _HEALTHY:
            raise OperatorError(f"GET /health answers {status} after the move")
    except Exception as error:
        raise OperatorError(f"{error}: {_undo(stack, moved)}") from error


def _undo(stack: Stack, moved: Sequence[Move]) -> str:
    stuck = list[str]()
    for move in reversed(moved):
        try:
            point_live(stack, move.name, move.old)
        except (BotoCoreError, ClientError) as error:
            stuck.append(f"live of {move.name} has to go back to {move.old} by hand ({error})")
    return "; ".join(stuck) or f"undone, {len(moved)} aliases are back where they were"


def _check_usable(stack: Stack, move: Move) -> None:
    state = read_content(stack, move.name, move.new).facts.get("state", "Active")
    if state != "Active":
        raise OperatorError(f"version {move.new} of {move.name} is {state}, not Active")
