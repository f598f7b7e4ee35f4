"""The turns of executions at the model: the budget that they share, and the queue for it.

All of it is one partition of the table, so that one query reads it: the item `budget`, then the
tickets of those that wait, in the order in which they will be let in. A query from one's own ticket
backwards has what is before it, and ends with the budget unless the queue is long. Beside it each
user who has waited has an item that spaces their tickets.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.contract.table_keys import TTL_ATTRIBUTE, TURNS_PK
from handlers.storage.errors import ConditionFailedError
from handlers.storage.items import Item, Items
from handlers.storage.turn_budget import Budget

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BUDGET_SK = "budget"
_TICKET_SK_PREFIX = "ticket#"
_USER_SK = "user"

_LAST_TICKET = _TICKET_SK_PREFIX + "~"

READ_ITEMS = 100
"""Whoever has more before it goes by the time that the farthest of them expects."""

_KEPT_SECONDS = 86_400

_PAYERS = 25
"""About 1 KB; at the default quota those of half an hour. A step is retried for minutes."""

_PER_SHARE = 1000
"""The table has no fractions here: a share is kept in thousandths."""


@dataclass(frozen=True)
class Ticket:
    """The place of an execution in the queue; times in epoch seconds.

    key: sorts by the time from which it counts, then by the execution.
    tokens: what the execution will take. turn_at: when it expected its turn at its last look.
    until: when it is dropped unless it looks again; 0 if its execution no longer waits.
    """

    key: str
    tokens: int
    turn_at: float
    until: float


@dataclass(frozen=True)
class Queue:
    """What one ticket sees of the queue.

    budget: None if there are too many before it to see that far.
    mine: the ticket; None if it has none. before: tickets before it, in their order.
    """

    budget: Budget | None
    mine: Ticket | None
    before: Sequence[Ticket]

    def left_by(self, execution_id: str) -> str | None:
        """The key of a ticket of the execution, which an attempt that failed has left."""
        keys = (each.key for each in self.before)
        return next((key for key in keys if key.endswith(f"#{execution_id}")), None)


class Turns:
    """Budget and queue in the table; every method raises TableUnavailableError."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._items = Items(client, table_name)

    def read(self, key: str | None = None) -> Queue:
        """The queue as the ticket with this key sees it, or one that comes last; one query."""
        sk = _TICKET_SK_PREFIX + key if key else _LAST_TICKET
        items = self._items.last_until(TURNS_PK, sk, READ_ITEMS)
        budget = None if len(items) == READ_ITEMS else Budget()
        if items and items[-1]["sk"] == _BUDGET_SK:
            budget = _budget(items.pop())
        tickets = [_ticket(item) for item in reversed(items)]
        mine = tickets.pop() if tickets and tickets[-1].key == key else None
        return Queue(budget, mine if mine and mine.until else None, tickets)

    def pay(self, seen: Budget, paid_until: float, execution_id: str) -> bool:
        """Move the time until which the budget is used up; False if anybody did so meanwhile."""
        return self._change_budget(
            "SET paidUntil = :value, payers = :payers",
            "(attribute_not_exists(paidUntil) AND :seen = :zero) OR paidUntil = :seen",
            {
                ":value": _milliseconds(paid_until),
                ":payers": [*seen.payers, execution_id][-_PAYERS:],
                ":seen": _milliseconds(seen.paid_until),
                ":zero": 0,
            },
        )

    def budget(self) -> Budget:
        """The budget alone."""
        items = self._items.query(TURNS_PK, _BUDGET_SK)
        return _budget(items[0]) if items else Budget()

    def note_throttling(self, now: float) -> None:
        """Give out less of the budget, since the model throttled a call."""
        seen = self.budget()
        if after := seen.cut(now):
            # If another call cut it meanwhile, that was for the same reason.
            self._change_budget(
                "SET budgetShare = :share, cutAt = :at",
                "(attribute_not_exists(cutAt) AND :seen = :zero) OR cutAt = :seen",
                {
                    ":share": round(after.share * _PER_SHARE),
                    ":at": _milliseconds(after.cut_at),
                    ":seen": _milliseconds(seen.cut_at),
                    ":zero": 0,
                },
            )

    def line_up(self, user_id: str, execution_id: str, now: float, spacing: float) -> str:
        """The key of a new ticket: of now, or `spacing` seconds after the user's last one."""
        pk, time = f"{TURNS_PK}#{user_id}", _milliseconds(now)
        values: Item = {":now": time, ":spacing": _milliseconds(spacing)}
        while True:
            try:
                last = self._items.update_and_get(
                    pk, _USER_SK, "SET nextAt = nextAt + :spacing", "nextAt > :now", values
                )
                return _key(int(last["nextAt"]), execution_id)
            except ConditionFailedError:
                pass  # The user has no ticket, or an old one.
            next_at = time + _milliseconds(spacing)
            item: Item = {"pk": pk, "sk": _USER_SK, "nextAt": next_at, **_expires(now)}
            try:
                free = "attribute_not_exists(pk) OR nextAt <= :now"
                self._items.put(item, free, {":now": time})
            except ConditionFailedError:
                continue  # Another execution of the user took the place.
            return _key(time, execution_id)

    def keep(self, ticket: Ticket) -> None:
        """Put the ticket into the queue, or renew it."""
        item: Item = {
            "pk": TURNS_PK,
            "sk": _TICKET_SK_PREFIX + ticket.key,
            "tokens": ticket.tokens,
            "turnAt": _milliseconds(ticket.turn_at),
            "until": _milliseconds(ticket.until),
            **_expires(ticket.until),
        }
        # A key has the execution's id: only its own ticket can be there.
        mine = "attribute_not_exists(pk) OR tokens = :tokens"
        self._items.put(item, mine, {":tokens": ticket.tokens})

    def leave(self, key: str) -> None:
        """Take a ticket out of the queue."""
        self._items.delete(TURNS_PK, _TICKET_SK_PREFIX + key)

    def drop(self, key: str) -> None:
        """Count a ticket no longer: its execution does not wait. Whoever looks takes it out."""
        with suppress(ConditionFailedError):
            values = {":never": 0}
            exists = "attribute_exists(pk)"
            self._items.update(
                TURNS_PK, _TICKET_SK_PREFIX + key, "SET #until = :never", exists, values
            )

    def _change_budget(self, expression: str, condition: str, values: Item) -> bool:
        try:
            self._items.update(TURNS_PK, _BUDGET_SK, expression, condition, values)
        except ConditionFailedError:
            return False
        return True


def _budget(item: Item) -> Budget:
    return Budget(
        paid_until=_seconds(item.get("paidUntil", 0)),
        share=int(item.get("budgetShare", _PER_SHARE)) / _PER_SHARE,
        cut_at=_seconds(item.get("cutAt", 0)),
        payers=tuple(item.get("payers", ())),
    )


def _ticket(item: Item) -> Ticket:
    key = item["sk"].removeprefix(_TICKET_SK_PREFIX)
    return Ticket(key, int(item["tokens"]), _seconds(item["turnAt"]), _seconds(item["until"]))


def _key(milliseconds: int, execution_id: str) -> str:
    return f"{milliseconds:013d}#{execution_id}"


def _expires(seconds: float) -> dict[str, int]:
    return {TTL_ATTRIBUTE: int(seconds) + _KEPT_SECONDS}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _seconds(milliseconds: Any) -> float:
    return int(milliseconds) / 1000
