"""The faults, the edges that each can strike, and the plan that a seed makes of them.

An edge is a call that leaves our code: a statement, a request to AWS, an invocation. It is struck
at a *site*: the invocation, the operation, and how many of these came before. A site's fault and
its latency depend on the seed and the site's name alone, so a fault that is left out changes no
other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from random import Random

_RANGE = 2**32


class Fault(StrEnum):
    """What can happen to one call."""

    THROTTLED = "throttled"
    TIMED_OUT_BEFORE = "timed-out-before"
    """No answer, no effect."""
    TIMED_OUT_AFTER = "timed-out-after"
    """No answer, and the effect."""
    OUT_OF_ORDER = "out-of-order"
    """No answer; the effect comes after what the caller does next."""
    TWICE = "twice"
    """The first answer is lost, and the SDK sends the request again; an event arrives twice."""
    MALFORMED = "malformed"
    """An answer that is incomplete or in the wrong form."""
    REFUSED = "refused"
    """For good: a permission, a constraint, an invalid request."""
    CRASHED_BEFORE = "crashed-before"
    CRASHED_AFTER = "crashed-after"
    """The process dies, before or after the effect."""
    LATE = "late"
    LOST = "lost"
    """An event that never arrives."""


class Edge(StrEnum):
    """Kinds of calls."""

    READ = "read"
    WRITE = "write"
    TRANSACTION = "transaction"
    CONNECT = "connect"
    STATEMENT = "statement"
    COMMIT = "commit"
    MODEL = "model"
    START = "start"
    DESCRIBE = "describe"
    STOP = "stop"
    INVOKE = "invoke"
    PUBLISH = "publish"
    UPDATE = "update"
    """The state machine's own update of the table."""
    EVENT = "event"


_SELDOM: Mapping[tuple[str, str], float] = {
    ("workflow-reconcile", "transact_write_items"): 0.6,
    ("workflow-reconcile", "select actions"): 0.25,
    ("workflow-reconcile", "delete tasks"): 0.25,
    ("workflow-reconcile", "insert unnest(%s::uuid[],"): 0.25,
    ("workflow-finish", "transact_write_items"): 0.6,
    ("workflow-save-batch", "update_item"): 0.6,
    ("workflow-start", "describe_execution"): 0.6,
    ("workflow-start", "query"): 0.3,
}
"""Rates of sites that few worlds come to, by function and operation: whoever ends an execution
saves what its batches left, a batch writes items one by one where it finds some in another state,
a start meets an old lock."""

_F = Fault
_CRASHES = (_F.CRASHED_BEFORE, _F.CRASHED_AFTER)
_WRITES = (_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.TIMED_OUT_AFTER, _F.OUT_OF_ORDER, _F.REFUSED)
APPLICABLE: Mapping[Edge, tuple[Fault, ...]] = {
    Edge.READ: (_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.MALFORMED, _F.REFUSED, _F.LATE, *_CRASHES),
    Edge.WRITE: (*_WRITES, _F.TWICE, _F.LATE, *_CRASHES),
    # botocore gives a transaction a token, so DynamoDB makes one effect of two requests
    Edge.TRANSACTION: (*_WRITES, _F.TWICE, _F.LATE, *_CRASHES),
    Edge.CONNECT: (_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.REFUSED, _F.LATE, *_CRASHES),
    Edge.STATEMENT: (_F.TIMED_OUT_BEFORE, _F.REFUSED, _F.LATE, *_CRASHES),
    Edge.COMMIT: (_F.TIMED_OUT_BEFORE, _F.TIMED_OUT_AFTER, _F.LATE, *_CRASHES),
    Edge.MODEL: (
        *(_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.TIMED_OUT_AFTER, _F.MALFORMED, _F.REFUSED),
        *(_F.LATE, *_CRASHES),
    ),
    Edge.START: (*_WRITES, _F.TWICE, _F.LATE, *_CRASHES),
    Edge.DESCRIBE: (_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.REFUSED, _F.LATE, *_CRASHES),
    Edge.STOP: (*_WRITES, _F.TWICE, _F.LATE, *_CRASHES),
    Edge.INVOKE: (
        *(_F.THROTTLED, _F.TIMED_OUT_BEFORE, _F.TIMED_OUT_AFTER, _F.OUT_OF_ORDER, _F.TWICE),
        *(_F.REFUSED, _F.LATE, *_CRASHES),
    ),
    Edge.PUBLISH: (*_WRITES, _F.LATE),
    Edge.UPDATE: (*_WRITES, _F.TWICE, _F.LATE),
    Edge.EVENT: (_F.LOST, _F.TWICE, _F.LATE),
}


@dataclass
class Plan:
    """The faults of one seed, drawn where their sites come up.

    rate: of the sites that are struck, until `until` seconds. kinds: the faults that occur at all.
    given: the only faults, by site; None for those of the seed.
    happened: the faults that struck, by site, in order.
    """

    seed: int
    rate: float = 0
    until: float = 0
    kinds: Collection[Fault] = tuple(Fault)
    given: Mapping[str, Fault] | None = None
    happened: dict[str, Fault] = field(default_factory=dict[str, Fault])

    def fault(self, site: str, edge: Edge, now: float) -> Fault | None:
        """The fault at a site, if there is one."""
        if self.given is not None:
            fault = self.given.get(site)
        elif now > self.until or self.chance(site, "fault") >= self._rate_at(site):
            return None
        else:
            possible = [each for each in APPLICABLE[edge] if each in self.kinds]
            fault = possible[int(self.chance(site, "kind") * len(possible))] if possible else None
        if fault:
            self.happened[site] = fault
        return fault

    def _rate_at(self, site: str) -> float:
        if not self.rate:
            return 0
        function, _, rest = site.partition("/")
        operation = rest.partition(":")[2].rpartition(".")[0]
        return _SELDOM.get((function, operation), self.rate)

    def chance(self, site: str, use: str) -> float:
        """A number from 0 to 1 that belongs to a site and a use."""
        digest = blake2b(f"{self.seed}|{use}|{site}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / _RANGE

    def random(self, use: str) -> Random:
        """A generator of its own for each use."""
        return Random(f"{self.seed}/{use}")  # noqa: S311 - a repeatable one
