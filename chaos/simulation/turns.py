"""The tenth invariant: executions that share a token budget wait their turns, and no longer.

What docs/decisions/0029 promises, judged by the table alone. That no more than the budget is given
out follows from two things that hold at every payment: it begins only when what was paid before is
used up, and it moves the time until which the budget is used up by all that the execution takes.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from greenlet import getcurrent

from chaos.simulation.expressions import Item, plain
from chaos.simulation.scheduler import EPOCH, Process, current
from chaos.simulation.step_functions import Execution
from chaos.simulation.watched import Watched
from handlers.contract.table_keys import EXECUTION_SK, TTL_ATTRIBUTE, TURNS_PK
from handlers.executions.admission import PATIENCE_SECONDS, SPACING_SECONDS, TOKENS_PER_ACTION

Expect = Callable[[int, object, str], None]

_TICKET = "ticket#"
_ROUNDED_SECONDS = 0.01
_LEFT_AFTER_SECONDS = 60.0
"""So long after an execution has ended its ticket may still count: a function may be at work."""
_PREPARE_SECONDS, _GENERATION_SECONDS = 60.0, 120.0
_SLACK_SECONDS = 60.0
"""What an execution loses without a fault: its start, its looks, and tickets of the dead."""


class TurnInvariants:
    """Watches the budget and the queue of one world.

    expect: notes that an invariant is broken, unless it holds.
    """

    def __init__(self, world: Watched, expect: Expect) -> None:
        self._world = world
        self._expect = expect
        self._lined_up_at: dict[str, float] = {}
        self._read_at: dict[str, float] = {}
        self._places: dict[str, str] = {}
        self._payments: Counter[str] = Counter()
        self._least_share = 1.0

    def read(self, pk: str) -> None:
        """An invocation reads the queue."""
        if pk == TURNS_PK and (invocation := current().invocation):
            self._read_at[invocation.name] = self._world.scheduler.now

    def item_changed(self, sk: str, before: Item | None, after: Item | None) -> None:
        """A write to the budget, or to a ticket."""
        if sk.startswith(_TICKET):
            if sk not in self._lined_up_at:
                self._lined_up_at[sk] = self._world.scheduler.now
                self._lined_up(sk)
            self._holds(after is None or TTL_ATTRIBUTE in after, "a ticket stays for ever")
            return
        self._least_share = min(self._least_share, _seconds(after or {}, "budgetShare") or 1.0)
        if after and after.get("paidUntil") != (before or {}).get("paidUntil"):
            self._paid(_seconds(before or {}, "paidUntil"), after)

    def place_taken(self, after: Item) -> None:
        """A user's next ticket counts from later on: whoever wrote that has the place before."""
        process = getcurrent()
        invocation = process.invocation if isinstance(process, Process) else None
        if invocation is None:
            return  # it comes late, and nobody learns of the place
        time = int(plain(after["nextAt"])) - SPACING_SECONDS * 1000
        execution_id = invocation.event["executionId"]
        self._expect_time(execution_id, time)
        self._places[invocation.name] = f"{_TICKET}{time:013d}#{execution_id}"

    def _expect_time(self, execution_id: str, time: int) -> None:
        world = self._world
        name, since = world.name(execution_id), time / 1000 - EPOCH
        first = world.scheduler.now - _PREPARE_SECONDS - world.functions.skew_seconds
        looks = sum(
            n for of, n in world.functions.count.items() if of.startswith("workflow-prepare/")
        )
        last = world.scheduler.now + world.functions.skew_seconds + SPACING_SECONDS * looks
        self._holds(first <= since <= last, f"{name} counts from {since} s, not {first} to {last}")

    def _lined_up(self, sk: str) -> None:
        """A new ticket counts from now on, or some time after its user's other ones."""
        world = self._world
        _, time, execution_id = sk.split("#")
        name = world.name(execution_id)
        self._expect_time(execution_id, int(time))
        user = self._user(execution_id)
        near = [
            world.name(execution)
            for _, other, execution in (each.split("#") for each in self._lined_up_at)
            if (execution != execution_id and self._user(execution) == user)
            and abs(int(other) - int(time)) < SPACING_SECONDS * 1000
        ]
        self._holds(not near, f"{name} counts from the same time as {near} of its user")

    def _user(self, execution_id: str) -> Any:
        return self._world.table.items.get((execution_id, EXECUTION_SK), {}).get("userId")

    def _paid(self, before: float, after: Item) -> None:
        world = self._world
        execution_id = after["payers"]["L"][-1]["S"]
        name = world.name(execution_id)
        takes = self._tokens(execution_id) * 60 / max(world.budgets)
        moved = _seconds(after, "paidUntil") - before
        self._holds(moved >= takes - _ROUNDED_SECONDS, f"{name} pays {moved} s, takes {takes} s")
        self._payments[execution_id] += 1
        self._holds(self._payments[execution_id] == 1, f"{name} pays again")
        process = getcurrent()
        invocation = process.invocation if isinstance(process, Process) else None
        if invocation is None:
            return  # it comes late: when its execution looked, is not known any more
        now = EPOCH + world.scheduler.now + invocation.skew
        self._holds(before <= now + _ROUNDED_SECONDS, f"{name} is let in before its turn")
        passed = self._passed(execution_id, invocation.name, now)
        self._holds(not passed, f"{name} comes before {passed}")

    def _passed(self, execution_id: str, invocation: str, now: float) -> list[str]:
        """Tickets that came before this execution's place when it read the queue.

        It has a place from when its user's next ticket was moved on, before it keeps a ticket
        there: one that pays at once never does. A ticket of a user who has others counts from later
        on, and who starts before that time comes before it (decision 0029). So an execution without
        a ticket does not come last, as was claimed here once; without a place it does.
        """
        read_at = self._read_at[invocation]
        tickets = {
            sk: item
            for (pk, sk), item in sorted(self._world.table.items.items())
            if pk == TURNS_PK and sk.startswith(_TICKET)
        }
        place = self._places.get(invocation, "~")
        mine = next((sk for sk in tickets if sk.endswith(execution_id)), place)
        return [
            self._world.name(sk.rpartition("#")[2])
            for sk, item in tickets.items()
            if sk < mine
            and self._lined_up_at[sk] < read_at
            and _seconds(item, "until") >= now
            and _seconds(item, "turnAt") <= now < _seconds(item, "turnAt") + PATIENCE_SECONDS
        ]

    def action_added(self, execution_id: str) -> None:
        """An execution has begun to generate."""
        is_free = 0 in self._world.budgets or self._payments[execution_id]
        self._holds(is_free, f"{self._world.name(execution_id)} has not waited for its turn")

    def execution_ended(self, execution_id: str, record: Item) -> None:
        """A record has ended."""
        world = self._world
        name = world.name(execution_id)
        if not max(world.budgets):
            return
        struck = {"workflow-prepare", "workflow-start"} & world.edges.struck
        if record.get("errorCode", {}).get("S") == "NO_TURN" and not struck:
            known = {pk for pk, sk in world.table.items if sk == EXECUTION_SK}
            tokens = sum(map(self._tokens, known))
            at_most = tokens * 60 / max(world.budgets) / self._least_share
            has = world.timeout_seconds - _GENERATION_SECONDS - world.functions.skew_seconds
            self._holds(
                at_most + _SLACK_SECONDS >= has,
                f"{name} has no turn within {has} s, and all together take {at_most:.0f} s",
            )

        def look() -> None:
            left = [
                sk
                for (pk, sk), item in world.table.items.items()
                if pk == TURNS_PK
                and sk.endswith(execution_id)
                and _seconds(item, "until") > EPOCH + world.scheduler.now
            ]
            self._holds(not left or world.edges.struck, f"{name} has ended, and its ticket counts")

        world.scheduler.start(look, _LEFT_AFTER_SECONDS)

    def execution_over(self, execution: Execution) -> None:
        """The machine generates nothing for an execution that was to wait."""
        begun = [
            json.loads(details["input"])
            for event in execution.record["events"]
            if (details := event.get("stateEnteredEventDetails"))
            and details["name"] == "GenerateAll"
        ]
        is_right = all(not given.get("waitSeconds") for given in begun)
        self._holds(is_right, f"{self._world.name(execution.name)} was to wait, and did not")

    def waits(self, execution_id: str) -> bool:
        """Whether the state machine is in its wait for the turn."""
        execution = self._world.machine.executions.get(execution_id)
        if execution is None or execution.status != "RUNNING":
            return False
        entered = (event.get("stateEnteredEventDetails") for event in execution.record["events"])
        last = [details["name"] for details in entered if details][-1:]
        return last == ["WaitForTurn"]

    def status_shown(self, execution_id: str, body: Mapping[str, Any], *, waited: bool) -> None:
        """What the API showed; waited: whether the execution waited just before."""
        if waited and self.waits(execution_id) and body["status"] == "RUNNING":
            name = self._world.name(execution_id)
            self._holds("waiting" in body, f"the status of {name} does not say that it waits")
        self._holds("waiting" not in body or not body["processedActions"], f"{body} waits")

    def _tokens(self, execution_id: str) -> int:
        record = self._world.table.items.get((execution_id, EXECUTION_SK), {})
        total = record.get("totalActions")
        return int(plain(total)) * TOKENS_PER_ACTION if total else 0

    def _holds(self, holds: object, sentence: str) -> None:
        self._expect(10, holds, sentence)


def _seconds(item: Item, name: str) -> float:
    return int(plain(item[name])) / 1000 if name in item else 0.0
