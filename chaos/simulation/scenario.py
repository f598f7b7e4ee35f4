"""What happens in a world: users and operators who act at their times, and parts that fail."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from chaos.simulation import replaced
from chaos.simulation.faults import Fault, Plan
from chaos.simulation.goals import add_goal, add_other_goal
from chaos.simulation.step_functions import Execution
from chaos.simulation.users import NEIGHBOUR, OWNER, Users
from chaos.simulation.world import World, machine_definition
from handlers.contract.timing import START_GRACE_SECONDS, SWEEP_MINUTES
from handlers.executions.admission import TOKENS_PER_ACTION

_RATES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35)
_FEW_KINDS, _WITH_KEY, _AT_A_STEP, _CANCELS = 0.5, 0.3, 0.5, 0.4
"""Shares: seeds with faults of few kinds only, starts with a key, moves that come at a step of the
simulation instead of at a time, and cancels of another goal."""
_STEPS, _STEPS_TAKE = 160, 60.0
"""Up to which step moves come, and how many seconds after the last move at a time they still do."""
_TIMEOUTS = (900, 900, 900, 240, 120)
_WINDOWS = (10.0, 30.0, 60.0, 150.0, 400.0, 1200.0)
_ENOUGH_FOR = (1, 4, 24)
_BUDGETS = (
    *((0, 0),) * 4,
    *((number * TOKENS_PER_ACTION, number * TOKENS_PER_ACTION) for number in _ENOUGH_FOR),
    (2 * TOKENS_PER_ACTION, 0),
    (0, 2 * TOKENS_PER_ACTION),
)
"""Tokens a minute that executions wait for, and those of the other version: in five worlds of nine,
enough for so many actions."""
_TICKETS_READ = (100, 3)
"""As it is; and so few that a queue of three is too long to be seen whole."""
_HEDGE_AFTER = (0, 0, 0, 0.5, 3.0)
"""Seconds after which a call of the model gets a second one: in two worlds of five."""
_OTHER_GOALS = 4
"""Where executions wait: up to so many goals more, since one goal runs one execution at a time."""


@dataclass(frozen=True)
class Move:
    """One thing that somebody does, or that fails.

    name: by which a replay keeps it. at: seconds from the beginning; of the moves that have a step
    it is 0. step: that many calls from the beginning. what: in a few words.
    """

    name: str
    at: float
    step: int
    what: str
    act: Callable[[], object]


class Scenario:
    """The moves of one seed, in a world."""

    def __init__(self, plan: Plan) -> None:
        chosen = plan.random("shape")
        plan.rate = chosen.choice(_RATES)
        plan.until = chosen.choice(_WINDOWS)
        if chosen.random() < _FEW_KINDS:
            plan.kinds = chosen.sample(list(Fault), chosen.randint(1, 5))
        timeout = chosen.choice(_TIMEOUTS)
        # of a random of its own, so that the other worlds are as they were
        waiting = plan.random("budgets")
        budgets, tickets = waiting.choice(_BUDGETS), waiting.choice(_TICKETS_READ)
        self.world = world = World(plan, timeout, budgets, tickets)
        world.functions.skew_seconds = chosen.choice((0, 0, 2, 30))
        world.model.seconds_at_most = chosen.choice((1.0, 8.0, 8.0, 29.0))
        world.hedge_after_seconds = plan.random("hedging").choice(_HEDGE_AFTER)
        self._users = Users(world, add_goal(world, OWNER, chosen))
        self.moves = [
            Move(f"move{number}", max(at, 0.0), int(max(-at, 0)), what, act)
            for number, (at, what, act) in enumerate(self._drawn(plan.random("moves"), plan.until))
        ]

    @property
    def bound(self) -> float:
        """By when everything must have ended, in seconds."""
        timeout = self.world.timeout_seconds
        return self._last + _STEPS_TAKE + timeout + SWEEP_MINUTES * 60 + START_GRACE_SECONDS

    @property
    def _last(self) -> float:
        return max([self.world.plan.until, *(move.at for move in self.moves)])

    def run(self, kept: set[str] | None = None) -> list[str]:
        """Simulate it; the sentences that say what is broken."""
        world = self.world
        for move in self.moves:
            if kept is None or move.name in kept:
                self._plan_move(move)
        world.sweep_every_five_minutes(after=self._last + _STEPS_TAKE)
        world.scheduler.run(self.bound)
        for defect in world.functions.defects:
            raise defect
        if not world.invariants.broken:
            world.invariants.check_the_end()
        return world.invariants.broken

    def _plan_move(self, move: Move) -> None:
        def make() -> None:
            now = self.world.scheduler.now
            if now > self._last + _STEPS_TAKE:
                return  # its step came after all else was over
            self.world.edges.history.append(f"{now:9.2f}  {move.name}: {move.what}")
            move.act()

        if move.step:
            self.world.edges.at_step.setdefault(move.step, []).append(make)
        else:
            self.world.scheduler.start(make, move.at)

    def _drawn(self, random: Random, until: float) -> list[tuple[float, str, Callable[[], object]]]:
        """The moves: at least one start."""
        users = self._users
        key = "0123456789abcdef" if random.random() < _WITH_KEY else None
        starts = random.choice((1, 1, 1, 2, 3))
        moves: list[tuple[float, str, Callable[[], object]]] = [
            (random.random() * 0.1, "start", lambda: users.start(key)) for _ in range(starts)
        ]
        world = self.world
        span = min(until, 60.0)
        if any(world.budgets):
            moves += self._moves_of_others(world.plan.random("others"), span)

        def sometime() -> float:
            """A time, or as a negative number a step."""
            if random.random() < _AT_A_STEP:
                return -float(random.randint(1, _STEPS))
            return random.random() * span * random.choice((1, 1, 4))

        def outage(part: Any, seconds: float) -> Callable[[], None]:
            def act() -> None:
                part.is_up = False
                world.scheduler.sleep(seconds)
                part.is_up = True

            return act

        possible: list[tuple[float, str, Callable[[], object]]] = [
            (0.25, "cancel", users.cancel),
            (0.25, "start again", lambda: users.start(None)),
            (0.1, "cancel and start again", users.cancel_and_start),
            (0.1, "cancel the first one", lambda: users.cancel(which=0)),
            (0.1, "start again with the first key", lambda: users.start(key)),
            (0.1, "stop from the console", self.stop),
            (0.1, "redrive", self.redrive),
            (0.2, "retry", users.retry),
            (0.1, "a stranger cancels, watches and starts", users.strangers),
            (0.1, "status", users.watch),
            (0.1, "an action is deleted", lambda: users.delete_action(random.random())),
            (0.1, "a user starts a task", users.touch_task),
            (0.06, "the database is down", outage(world.server, 1 + random.random() * 100)),
            (0.06, "the table is down", outage(world.table, 1 + random.random() * 100)),
            (0.05, "Step Functions does not answer", outage(world.machine, random.random() * 60)),
            (0.05, "the model throttles everybody", outage(world.model, random.random() * 200)),
            (0.06, "another version is deployed", self.deploy),
            (0.06, "the version is rolled back", self.roll_back),
        ]
        chosen = [each for each in possible for _ in range(3) if random.random() < each[0]]
        return moves + [(sometime(), *each[1:]) for each in chosen]

    def _moves_of_others(
        self, random: Random, span: float
    ) -> list[tuple[float, str, Callable[[], object]]]:
        """Other goals are started, of this user and of another, and some are cancelled."""
        users = self._users
        moves: list[tuple[float, str, Callable[[], object]]] = []
        for number in range(1, random.randint(1, _OTHER_GOALS) + 1):
            user = random.choice((OWNER, NEIGHBOUR))
            goal_id = add_other_goal(self.world, number, user, random.choice((1, 1, 1, 2)))
            start = partial(users.start, None, user, goal_id)
            moves.append((random.random() * random.choice((1, span)), "start another goal", start))
        after = lambda: random.random() * span * random.choice((1, 4))  # noqa: E731 - used twice
        if random.random() < _CANCELS:
            moves.append((after(), "cancel another goal's", users.cancel_another))
        moves += [(after(), "status of all", users.watch_all) for _ in range(2)]
        return moves

    def stop(self) -> None:
        """StopExecution by hand."""
        if execution := self._latest():
            self.world.machine.end(execution, "ABORTED")

    def redrive(self) -> None:
        """RedriveExecution by hand."""
        if execution := self._latest():
            self.world.machine.redrive(execution)

    def _latest(self) -> Execution | None:
        return next(reversed(self.world.machine.executions.values()), None)

    def deploy(self) -> None:
        """The alias names another version of the machine; the functions change with it."""
        self.world.machine.definition = machine_definition(
            self.world.timeout_seconds, actions_at_once=1, batches_at_once=1
        )
        self.world.table.is_old = True
        replaced.let_wait(self.world.budgets[1])

    def roll_back(self) -> None:
        """It names the first one again."""
        self.world.machine.definition = machine_definition(self.world.timeout_seconds)
        self.world.table.is_old = False
        replaced.let_wait(self.world.budgets[0])
