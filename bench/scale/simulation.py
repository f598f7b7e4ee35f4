"""Goals that share one quota, in virtual time: the admission is the product's own code.

Everything that is not shared is left out: functions begin at once, and only model calls take time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import cast

from bench.fairness import Waits, waits_of
from bench.scale.clock import Clock, Process
from bench.scale.demand import ACTIONS, AT_ONCE, CALL_SECONDS, HANDLER_SECONDS
from bench.scale.parts import Bedrock, SimulatedTurns
from handlers.executions.admission import (
    TOKENS_PER_ACTION,
    NoTurnError,
    Request,
    take_turn,
)
from handlers.storage.turns import Turns

EPOCH = 1_800_000_000.0
"""Virtual time begins here, since keys of tickets hold times of today's length."""

INPUT_TOKENS, OUTPUT_TOKENS, MAX_TOKENS = 1_300, 700, 4_500
"""Of one call: what it takes at first is INPUT + MAX, in the end INPUT + OUTPUT."""

_RETRIES, _FIRST_PAUSE, _LONGEST_PAUSE = 5, 10.0, 60.0
"""The state machine's retrier for throttling, with full jitter."""

_SPREAD = 0.4
"""Of the logarithm of a call's time."""


@dataclass(frozen=True)
class Traffic:
    """Goals that are started. users: theirs, in the order of the starts.

    seconds: over which the starts are spread evenly; 0: all in one moment.
    quota: tokens a minute. budget: of the admission, 0 for none.
    timeout: how long an execution may take. calls: whether model calls are simulated.
    """

    users: Sequence[str]
    seconds: float
    quota: int
    budget: int
    timeout: float = 900
    calls: bool = True
    seed: int = 1


@dataclass
class Outcome:
    """What came of it; times in seconds.

    looks: how often executions asked for their turn. no_turn: those that failed for it.
    """

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    calls: int = 0
    throttled: int = 0
    failed_actions: int = 0
    no_turn: int = 0
    looks: int = 0
    turn_requests: int = 0

    @property
    def throttle_percent(self) -> float:
        """Of all calls."""
        return 100 * self.throttled / self.calls if self.calls else 0

    @property
    def spread(self) -> Waits:
        """How the waits are spread over the users."""
        return waits_of(cast("Mapping[str, Sequence[float]]", self.waits))


class _World:
    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.clock = Clock()
        self.bedrock = Bedrock(traffic.quota)
        self.turns = SimulatedTurns()
        self.random = Random(traffic.seed)  # noqa: S311 - no secret
        self.outcome = Outcome()

    def now(self) -> float:
        return EPOCH + self.clock.now

    def goal(self, number: int, user: str) -> Process:
        began = self.clock.now
        if self.traffic.budget:
            try:
                yield from self._turn(f"{number:06d}", user)
            except NoTurnError:
                self.outcome.no_turn += 1
                return
        self.outcome.waits[user].append(self.clock.now - began)
        left = [ACTIONS if self.traffic.calls else 0]
        deadline = began + self.traffic.timeout - 60
        for _ in range(AT_ONCE):
            self.clock.start(self._slot(left, deadline))

    def _turn(self, execution_id: str, user: str) -> Process:
        latest = self.now() + self.traffic.timeout - 120
        ticket: str | None = None
        while True:
            self.outcome.looks += 1
            request = Request(execution_id, user, ACTIONS * TOKENS_PER_ACTION, ticket, latest)
            turns = cast("Turns", self.turns)
            queue = turns.read(ticket)
            wait = take_turn(turns, self.traffic.budget, request, queue, self.now())
            if wait is None:
                return
            ticket = wait.ticket
            yield wait.seconds

    def _slot(self, left: list[int], deadline: float) -> Process:
        """One of the Map's iterations at once, with its retries."""
        while left[0]:
            left[0] -= 1
            yield HANDLER_SECONDS
            for attempt in range(_RETRIES + 1):
                if self.clock.now > deadline:
                    self.outcome.failed_actions += 1
                    break
                if self.bedrock.start(INPUT_TOKENS + MAX_TOKENS, self.now()):
                    yield CALL_SECONDS * self.random.lognormvariate(-(_SPREAD**2) / 2, _SPREAD)
                    self.bedrock.end(MAX_TOKENS - OUTPUT_TOKENS)
                    break
                if self.traffic.budget:
                    self.turns.note_throttling(self.now())
                if attempt == _RETRIES:
                    self.outcome.failed_actions += 1
                else:
                    pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
                    yield self.random.uniform(0, pause)


def simulate(traffic: Traffic) -> Outcome:
    """Run the traffic to its end; the same for the same seed."""
    world = _World(traffic)
    each = traffic.seconds / len(traffic.users)
    for number, user in enumerate(traffic.users):
        world.clock.start(world.goal(number, user), number * each)
    world.clock.run()
    outcome = world.outcome
    outcome.calls, outcome.throttled = world.bedrock.calls, world.bedrock.throttled
    outcome.turn_requests = world.turns.requests
    return outcome


def owners(goals: int, users: int) -> list[str]:
    """Whose goals are started, in order: every second one is the same user's."""
    others = max(users - 1, 1)
    return ["heavy" if n % 2 == 0 else f"user {n // 2 % others:05d}" for n in range(goals)]
