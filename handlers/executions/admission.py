"""Admission: an execution begins to generate when the token budget, which all share, has room.

Bedrock counts tokens a minute. Executions that begin together would use them up and then wait in
retries, with attempts that failed. So each asks for its turn, once, before it generates: it pays
what its calls will take, and if others have used that up, waits in the state machine.

The order is the time of the start, and a user's further goals count from a minute after each other:
many goals of one user let others pass. Nobody who starts later than a ticket's time comes before
it, so nobody waits for ever.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.contract.clock import utc_now
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.timing import DEADLINE_MARGIN_SECONDS
from handlers.observability.emit_metrics import measure
from handlers.storage.stores import Stores
from handlers.storage.turns import Queue, Ticket, Turns

TOKENS_PER_ACTION = 2_500
"""What an action takes of Bedrock's quota: about 1,300 tokens in and 700 out, a repair now and
then, and what a call in flight holds besides (Bedrock counts maxTokens until it has ended)."""

SPACING_SECONDS = 60
"""How much later a user's next goal counts than the one before, while they wait."""

BURST_SECONDS = 10
"""A budget that nobody used for so long may be used at once. Bedrock's own minute has room."""

LONGEST_WAIT_SECONDS = 120
"""Between two looks at the queue: those before may have been cancelled."""

_GENERATION_SECONDS = 2 * DEADLINE_MARGIN_SECONDS
"""What an execution needs before its deadline: the last calls start a margin before it."""

_GRACE_SECONDS = 90
"""How long after its look a ticket still counts: a function may fail and be retried."""

_TRIES = 8


class NoTurnError(Exception):
    """The turn would come too late for the execution's deadline. Permanent: start it later."""


@dataclass(frozen=True)
class Request:
    """An execution that asks for its turn.

    ticket: the key of its ticket; None at first.
    latest: when it must begin at the latest, to end before its deadline; epoch seconds.
    """

    execution_id: str
    user_id: str
    actions: int
    ticket: str | None
    latest: float

    @property
    def tokens(self) -> int:
        """What it will take."""
        return self.actions * TOKENS_PER_ACTION


@dataclass(frozen=True)
class Wait:
    """How long to wait before the next look, until when the turn is expected, and the ticket."""

    seconds: int
    turn_in: float
    ticket: str


def take_turn(turns: Turns, tokens_per_minute: int, request: Request, now: float) -> Wait | None:
    """Pay for the execution; the wait if it is not its turn. Raises NoTurnError."""
    ticket = request.ticket
    for _ in range(_TRIES):
        queue = turns.read()
        rate = tokens_per_minute / 60 * queue.budget.share_at(now)
        wait = seconds_until(queue, ticket, rate, now)
        if wait <= 0:
            begins = max(queue.budget.paid_until, now - BURST_SECONDS)
            if turns.pay(queue.budget, begins + request.tokens / rate):
                if ticket:
                    turns.leave(ticket)
                return None
            continue
        if now + wait > request.latest:
            if ticket:
                turns.leave(ticket)
            raise NoTurnError(
                f"the turn of execution {request.execution_id} would come in {wait:.0f} s,"
                f" {now + wait - request.latest:.0f} s too late for its deadline"
            )
        if ticket:
            return _wait(turns, request, ticket, wait, now)
        # Only with the ticket is it known who comes before.
        ticket = _line_up(turns, request, now)
    # Many begin in the same moment: again in a second.
    ticket = ticket or _line_up(turns, request, now)
    return _wait(turns, request, ticket, 1, now)


def wait_for_turn(
    stores: Stores, tokens_per_minute: int, execution_id: str, ticket: str | None, deadline: int
) -> Wait | None:
    """Take the execution's turn; else note in its record when it is expected.

    None: it is its turn, or it has ended. Raises NoTurnError.
    """
    record = stores.records.get(execution_id)
    if record is None or record.status != ExecutionStatus.RUNNING:
        return None  # Prepare refuses it, by the lock.
    now = utc_now()
    request = Request(
        execution_id,
        record.user_id,
        record.total_actions,
        ticket,
        latest=deadline - _GENERATION_SECONDS,
    )
    wait = take_turn(stores.turns, tokens_per_minute, request, now.timestamp())
    waited = now - datetime.fromisoformat(record.started_at)
    measure({MetricName.TURN_WAIT: waited.total_seconds()}, executionId=execution_id)
    if wait:
        stores.records.wait_for_turn(execution_id, now + timedelta(seconds=wait.turn_in))
    return wait


def seconds_until(queue: Queue, ticket: str | None, rate: float, now: float) -> float:
    """Seconds until the turn; not above 0 if it has come.

    ticket: None for an execution that comes after all of the queue. rate: tokens a second.
    """
    before = [
        each.tokens
        for each in queue.tickets
        if each.until >= now and (ticket is None or each.key < ticket)
    ]
    return max(queue.budget.paid_until, now - BURST_SECONDS) + sum(before) / rate - now


def _line_up(turns: Turns, request: Request, now: float) -> str:
    return turns.line_up(request.user_id, request.execution_id, now, SPACING_SECONDS)


def _wait(turns: Turns, request: Request, ticket: str, seconds: float, now: float) -> Wait:
    until_look = math.ceil(min(max(seconds, 1), LONGEST_WAIT_SECONDS))
    turns.keep(Ticket(ticket, request.tokens, now + until_look + _GRACE_SECONDS))
    return Wait(until_look, seconds, ticket)
