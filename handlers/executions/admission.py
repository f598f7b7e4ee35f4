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
from datetime import timedelta

from handlers.contract.clock import utc_now
from handlers.contract.ids import started_at
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.timing import DEADLINE_MARGIN_SECONDS
from handlers.observability.emit_metrics import measure
from handlers.storage.errors import FencedError
from handlers.storage.stores import Stores
from handlers.storage.turns import Queue, Ticket, Turns

TOKENS_PER_ACTION = 2_500
"""What an action takes of Bedrock's quota: about 1,300 tokens in and 700 out, a repair now and
then, and what a call in flight holds besides (Bedrock counts maxTokens until it has ended)."""

SPACING_SECONDS = 60
"""How much later a user's next goal counts than the one before, while they wait."""

BURST_SECONDS = 10
"""A budget that nobody used for so long may be used at once. Bedrock's own minute has room."""

PATIENCE_SECONDS = 5
"""For so long nobody passes one whose turn has come: until its machine and function look again."""

SURE_SECONDS = 900
"""A wait that is expected to be longer is not waited for at once: others may leave the queue, and
the budget must not lie idle."""
_SURE_SHARE = 0.95

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

    user_id: whose it is; needed as long as it has no ticket.
    tokens: what it will take. ticket: the key of its ticket; None at first.
    latest: when it must begin at the latest, to end before its deadline; epoch seconds.
    """

    execution_id: str
    user_id: str
    tokens: int
    ticket: str | None
    latest: float


@dataclass(frozen=True)
class Wait:
    """Seconds until the next look and until the turn as it is expected, and the ticket's key."""

    seconds: int
    turn_in: float
    ticket: str


def wait_for_turn(
    stores: Stores, tokens_per_minute: int, execution_id: str, ticket: str | None, deadline: int
) -> Wait | None:
    """Take the execution's turn; else note in its record when it is expected.

    None: it is its turn, or was before (by an attempt that came on without a budget, say), or it
    has ended. Raises NoTurnError.
    """
    now = utc_now()
    queue = read_queue(stores.turns, ticket, now.timestamp())
    if queue.mine is None and (left := queue.left_by(execution_id)):
        queue = read_queue(stores.turns, left, now.timestamp())
    user_id, tokens = "", queue.mine.tokens if queue.mine else 0
    if queue.mine is None:
        record = stores.records.get(execution_id)
        if record is None or record.status != ExecutionStatus.RUNNING:
            return None  # Prepare refuses it, by the lock.
        user_id, tokens = record.user_id, record.total_actions * TOKENS_PER_ACTION
    ticket = queue.mine.key if queue.mine else None
    latest = deadline - _GENERATION_SECONDS
    request = Request(execution_id, user_id, tokens, ticket, latest)
    wait = take_turn(stores.turns, tokens_per_minute, request, queue, now.timestamp())
    waited = now - started_at(execution_id)
    measure({MetricName.TURN_WAIT: max(waited.total_seconds(), 0)}, executionId=execution_id)
    if wait:
        turn_at = now + timedelta(seconds=wait.turn_in)
        try:
            is_waiting = stores.records.wait_for_turn(execution_id, turn_at, wait.ticket)
        except FencedError:  # It has ended meanwhile.
            stores.turns.leave(wait.ticket)
            raise
        if not is_waiting:
            stores.turns.leave(wait.ticket)
            return None
    return wait


def take_turn(
    turns: Turns, tokens_per_minute: int, request: Request, queue: Queue, now: float
) -> Wait | None:
    """Pay for the execution; the wait if it is not its turn. Raises NoTurnError.

    queue: as the request's ticket sees it.
    """
    ticket, wait = request.ticket, 1.0
    for _ in range(_TRIES):
        budget = queue.budget
        if budget and request.execution_id in budget.payers:  # An attempt that failed has paid.
            if ticket:
                turns.leave(ticket)
            return None
        rate = tokens_per_minute / 60 * (budget.share_at(now) if budget else 1)
        wait = seconds_until(queue, rate, now)
        if budget and wait <= 0:
            begins = max(budget.paid_until, now - BURST_SECONDS)
            if turns.pay(budget, begins + request.tokens / rate, request.execution_id):
                if ticket:
                    turns.leave(ticket)
                return None
        elif now + wait > request.latest:
            if ticket:
                turns.leave(ticket)
            raise NoTurnError(
                f"the turn of execution {request.execution_id} would come in {wait:.0f} s,"
                f" {now + wait - request.latest:.0f} s too late for its deadline"
            )
        elif ticket:
            break
        else:  # Only with the ticket is it known who comes before.
            ticket = _line_up(turns, request, now)
        queue = read_queue(turns, ticket, now)
    # After so many tries many others pay in the same moment: again in a second.
    wait = max(wait, 1.0)
    ticket = ticket or _line_up(turns, request, now)
    look = math.ceil(wait if wait <= SURE_SECONDS else wait * _SURE_SHARE)
    turns.keep(Ticket(ticket, request.tokens, now + wait, now + look + _GRACE_SECONDS))
    return Wait(look, wait, ticket)


def read_queue(turns: Turns, ticket: str | None, now: float) -> Queue:
    """The queue as the ticket sees it; what nobody renewed is taken out, and hides no budget."""
    while True:
        queue = turns.read(ticket)
        left = [each for each in queue.before if each.until < now]
        for each in left:
            turns.leave(each.key)
        if not left:
            return queue


def seconds_until(queue: Queue, rate: float, now: float) -> float:
    """Seconds until the turn of the ticket that sees this queue; not above 0 if it has come.

    rate: tokens a second.
    """
    tokens = sum(each.tokens for each in queue.before)
    if queue.budget:
        begins = max(queue.budget.paid_until, now - BURST_SECONDS)
    else:
        begins = max(queue.before[0].turn_at, now)
    looks = [each.turn_at + PATIENCE_SECONDS - now for each in queue.before if each.turn_at <= now]
    return max([begins + tokens / rate - now, *looks])


def _line_up(turns: Turns, request: Request, now: float) -> str:
    return turns.line_up(request.user_id, request.execution_id, now, SPACING_SECONDS)
