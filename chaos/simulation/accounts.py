"""The ninth invariant: each model call is counted as started once, made, and accounted for once.

So the tokens of an action are those of its calls, and only a function that was struck, or a request
that was given up, leaves more calls counted than made.
"""

from collections.abc import Callable, Iterable

from greenlet import getcurrent

from chaos.simulation.expressions import Item, number
from chaos.simulation.model import INPUT_TOKENS
from chaos.simulation.sandbox import Invocation
from chaos.simulation.scheduler import Process
from chaos.simulation.watched import Watched

Expect = Callable[[int, object, str], None]

_BEGIN = ("attempts", "callsStarted")


class AccountInvariants:
    """Watches what the work items of one world say of model calls.

    expect: notes that an invariant is broken, unless it holds.
    """

    def __init__(self, world: Watched, expect: Expect) -> None:
        self._world = world
        self._expect = expect
        self._callers: list[Invocation] = []

    def action_changed(self, name: str, before: Item, after: Item) -> None:
        """A write to a work item."""
        counted = {
            each: (number(before, each), number(after, each))
            for each in ("attempts", "callsStarted", "callsEnded", "inputTokens")
        }
        self._holds(
            all(old <= new for old, new in counted.values()),
            f"an account of {name} goes down: {counted}",
        )
        self._holds(
            number(after, "callsEnded") <= number(after, "callsStarted"),
            f"{name} has ended more calls than it started",
        )
        self._holds(
            number(after, "throttles") <= number(after, "attempts"),
            f"{name} counts more throttled attempts than attempts",
        )
        if counted["callsStarted"][0] < counted["callsStarted"][1]:
            self._call_counted(name, counted["callsStarted"])
        begun, started = (new - old for old, new in (counted[each] for each in _BEGIN))
        self._holds(begun <= started, f"{name} counts an attempt without its first call")

    def _call_counted(self, name: str, counted: tuple[int, int]) -> None:
        """A call is counted as started: one, and before the next it is made.

        Of a start that nobody waits for any more the call is never made, nor of one after which its
        function dies: these are all that may be counted beyond the calls.
        """
        self._holds(counted[1] == counted[0] + 1, f"{name} counts {counted} calls at once")
        process = getcurrent()
        invocation = process.invocation if isinstance(process, Process) else None
        if invocation is None:
            return
        is_next = invocation.calls_counted == invocation.calls_made
        self._holds(is_next, f"a call for {name} is counted as started again")
        invocation.calls_counted += 1
        invocation.call_began_at = self._world.scheduler.now
        self._callers.append(invocation)

    def call_began(self, name: str, invocation: Invocation) -> None:
        """A model call, just before it is made."""
        invocation.calls_made += 1
        self._holds(
            invocation.calls_made == invocation.calls_counted,
            f"a call for {name} is made that was not counted as started",
        )

    def check_callers(self) -> None:
        """At the end: no call was counted and not made."""
        for caller in self._callers:
            self._holds(
                caller.calls_made == caller.calls_counted or caller.was_struck,
                f"{caller.name} has counted a call that it did not make",
            )

    def check_action(self, execution_id: str, action_id: str, item: Item, name: str) -> None:
        """At the end: an action has the tokens of its calls."""
        calls = [
            each
            for each in self._world.model.calls
            if (each.execution_id, each.action_id) == (execution_id, action_id)
        ]
        answered = [each for each in calls if each.is_answered]
        surely = [each for each in answered if not each.invocation.was_struck]
        # of a call that was overtaken the tokens are estimated, also if it fails afterwards
        estimated = number(item, "hedgedCalls")
        least, most = len(surely) * INPUT_TOKENS, (len(answered) + estimated) * INPUT_TOKENS
        self._holds(
            least <= number(item, "inputTokens") <= most,
            f"{name} has {number(item, 'inputTokens')} input tokens, its calls {least} to {most}",
        )

    def check_record(self, name: str, record: Item, actions: Iterable[Item]) -> None:
        """At the end: a record has the tokens of its actions."""
        tokens = sum(number(item, "inputTokens") for item in actions)
        self._holds(
            number(record, "inputTokens") == tokens or self._world.edges.struck,
            f"the record of {name} has {record['inputTokens']} input tokens, its actions {tokens}",
        )

    def _holds(self, holds: object, sentence: str) -> None:
        self._expect(9, holds, sentence)
