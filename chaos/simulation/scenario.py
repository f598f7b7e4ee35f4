"""What happens in a world: users and operators who act at their times, and parts that fail."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from random import Random
from typing import Any

from chaos.simulation import replaced
from chaos.simulation.faults import Fault, Plan
from chaos.simulation.invariants import MARKER
from chaos.simulation.step_functions import Execution
from chaos.simulation.world import World, machine_definition
from handlers.contract.functions import (
    WORKFLOW_CANCEL,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.timing import START_GRACE_SECONDS, SWEEP_MINUTES
from handlers.executions.admission import TOKENS_PER_ACTION
from localcloud.aws.ministack import ExecutionError

OWNER, NEIGHBOUR, STRANGER = "owner", "neighbour", "stranger"
GOAL_ID = "00000000-0000-4000-8000-00000000000a"

_RATES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35)
_FEW_KINDS, _WITH_KEY, _WHOLE_MANDALA, _AT_A_STEP, _CANCELS = 0.5, 0.3, 0.002, 0.5, 0.4
"""Shares: seeds with faults of few kinds only, starts with a key, all 64 actions, moves that come
at a step of the simulation instead of at a time, and cancels of another goal."""
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


@dataclass(frozen=True)
class Request:
    """A request to the API.

    path: the parameters of the route.
    """

    function: FunctionSpec
    method: str
    route: str
    path: dict[str, str]
    user: str
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def event(self, request_id: str) -> dict[str, Any]:
        """The event of API Gateway, payload format 2.0."""
        target = self.route
        for name, value in self.path.items():
            target = target.replace(f"{{{name}}}", value)
        return {
            "version": "2.0",
            "routeKey": f"{self.method} {self.route}",
            "rawPath": target,
            "rawQueryString": "",
            "headers": self.headers,
            "requestContext": {
                "http": {"method": self.method, "path": target},
                "requestId": request_id,
                "stage": "$default",
                "authorizer": {"jwt": {"claims": {"sub": self.user, "token_use": "id"}}},
            },
            "pathParameters": self.path,
            "isBase64Encoded": False,
        }


class Scenario:
    """The moves of one seed, in a world.

    known: ids of the goal's executions, as the API gave them. others: other goals' executions, each
    with its user.
    """

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
        self.action_ids = _add_goal(world, chosen)
        self.known: list[str] = []
        self.others: list[tuple[str, str]] = []
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
        key = "0123456789abcdef" if random.random() < _WITH_KEY else None
        starts = random.choice((1, 1, 1, 2, 3))
        moves: list[tuple[float, str, Callable[[], object]]] = [
            (random.random() * 0.1, "start", lambda: self.start(key)) for _ in range(starts)
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
            (0.25, "cancel", self.cancel),
            (0.25, "start again", lambda: self.start(None)),
            (0.1, "cancel and start again", self.cancel_and_start),
            (0.1, "cancel the first one", lambda: self.cancel(which=0)),
            (0.1, "start again with the first key", lambda: self.start(key)),
            (0.1, "stop from the console", self.stop),
            (0.1, "redrive", self.redrive),
            (0.2, "retry", self.retry),
            (0.1, "a stranger cancels, watches and starts", self.strangers),
            (0.1, "status", self.watch),
            (0.1, "an action is deleted", lambda: self.delete_action(random.random())),
            (0.1, "a user starts a task", self.touch_task),
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
        moves: list[tuple[float, str, Callable[[], object]]] = []
        for number in range(1, random.randint(1, _OTHER_GOALS) + 1):
            user = random.choice((OWNER, NEIGHBOUR))
            goal_id = _add_other_goal(self.world, number, user, random.choice((1, 1, 1, 2)))
            start = partial(self.start, None, user, goal_id)
            moves.append((random.random() * random.choice((1, span)), "start another goal", start))
        after = lambda: random.random() * span * random.choice((1, 4))  # noqa: E731 - used twice
        if random.random() < _CANCELS:
            moves.append((after(), "cancel another goal's", self.cancel_another))
        moves += [(after(), "status of all", self.watch_all) for _ in range(2)]
        return moves

    def start(self, key: str | None, user: str = OWNER, goal_id: str = GOAL_ID) -> None:
        """POST start-activity."""
        headers = {"idempotency-key": key} if key else {}
        path = {"goalId": goal_id}
        route = "/goals/{goalId}/start-activity"
        answer = self._request(Request(WORKFLOW_START, "POST", route, path, user, headers))
        if answer is None:
            return
        status, body = answer
        expect = self.world.invariants.expect
        if user == STRANGER:
            expect(7, status in (404, 500, 503), f"a stranger's start is answered {status}")
            return
        if status == HTTPStatus.ACCEPTED:
            self._note(body["executionId"], user, goal_id)
        elif status == HTTPStatus.CONFLICT:
            self._note(body["error"]["details"]["executionId"], user, goal_id)
        else:
            self._expect_unavailable(status, "start")

    def _note(self, execution_id: str, user: str, goal_id: str) -> None:
        if goal_id == GOAL_ID:
            self.known.append(execution_id)
        else:
            self.others.append((execution_id, user))

    def cancel(self, user: str = OWNER, which: int = -1) -> None:
        """POST cancel of an execution, by default the latest."""
        if self.known:
            self._of(self.known[which], WORKFLOW_CANCEL, "POST", "cancel", user)

    def cancel_another(self) -> None:
        """POST cancel of another goal's execution."""
        if self.others:
            execution_id, user = self.others[0]
            self._of(execution_id, WORKFLOW_CANCEL, "POST", "cancel", user)

    def cancel_and_start(self) -> None:
        """A user who changes their mind twice."""
        self.cancel()
        self.start(None)

    def retry(self) -> None:
        """POST retry of the latest execution."""
        if not self.known:
            return
        answer = self._of(self.known[-1], WORKFLOW_START, "POST", "retry", OWNER)
        if answer and answer[0] == HTTPStatus.ACCEPTED:
            self.known.append(answer[1]["executionId"])

    def watch(self, user: str = OWNER) -> None:
        """GET status of the latest execution."""
        if self.known:
            self._watch(self.known[-1], user)

    def watch_all(self) -> None:
        """GET status of one execution of each user."""
        self.watch()
        if self.others:
            self._watch(*self.others[-1])

    def _watch(self, execution_id: str, user: str) -> None:
        turns = self.world.invariants.turns
        waited = turns.waits(execution_id)
        answer = self._of(execution_id, WORKFLOW_STATUS, "GET", "status", user)
        if answer and answer[0] == HTTPStatus.OK:
            body = answer[1]
            is_whole = 0 <= body["processedActions"] <= body["totalActions"]
            self.world.invariants.expect(4, is_whole, f"progress is {body}")
            turns.status_shown(execution_id, body, waited=waited)

    def strangers(self) -> None:
        """Another user, who sees and changes nothing."""
        self.start(None, STRANGER)
        self.cancel(STRANGER)
        self.watch(STRANGER)

    def _of(
        self, execution_id: str, function: FunctionSpec, method: str, verb: str, user: str
    ) -> tuple[int, Any] | None:
        path = {"executionId": execution_id}
        route = f"/workflows/{{executionId}}/{verb}"
        answer = self._request(Request(function, method, route, path, user))
        if answer and user == STRANGER:
            refused = answer[0] in (404, 503, 500)
            self.world.invariants.expect(7, refused, f"a stranger's {verb} is answered {answer[0]}")
        elif answer and answer[0] not in (200, 202, 404, 409):
            self._expect_unavailable(answer[0], verb)
        return answer

    def _expect_unavailable(self, status: int, what: str) -> None:
        # 400: the goal has no actions any more
        is_known = status in (400, 404, 500, 503)
        self.world.invariants.expect(2, is_known, f"a {what} is answered {status}")

    def _request(self, request: Request) -> tuple[int, Any] | None:
        """Status and body; None if the function died."""
        number = self.world.functions.count[f"{request.function.name}/{request.user}"] + 1
        event = request.event(f"{request.user}-{request.function.name}-{number}")
        try:
            answer = self.world.functions.invoke(request.function, event, request.user)
        except ExecutionError:
            return None
        self.world.invariants.text_left("an answer of the API", answer["body"])
        return answer["statusCode"], json.loads(answer["body"])

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

    def delete_action(self, chance: float) -> None:
        """A user deletes an action, and its tasks with it."""
        rows = self.world.rows
        action_id = self.action_ids[int(chance * len(self.action_ids))]
        place = ("actions", action_id)
        rows.released.wait_for(lambda: not rows.shares.get(place))
        self.world.invariants.deleted_actions.add(action_id)
        rows.tables["actions"].pop(action_id, None)
        tasks = rows.tables["tasks"]
        for key in [key for key, row in tasks.items() if row["actionId"] == action_id]:
            del tasks[key]

    def touch_task(self) -> None:
        """A user starts one of the tasks."""
        tasks = self.world.rows.tables["tasks"]
        for key, row in tasks.items():
            if row["status"] == "NOT_STARTED" and ("tasks", key) not in self.world.rows.locks:
                tasks[key] = {**row, "status": "IN_PROGRESS"}
                return

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


def _add_goal(world: World, random: Random) -> list[str]:
    """The goal of this seed; the ids of its actions."""
    shapes = ((1, 1), (1, 1), (1, 1), (1, 2), (1, 2), (1, 3), (2, 2), (2, 3))
    shape = (8, 8) if random.random() < _WHOLE_MANDALA else random.choice(shapes)
    world.names[GOAL_ID] = "goal"
    return _add_rows(world, GOAL_ID, OWNER, shape, "a", 0)


def _add_other_goal(world: World, number: int, user: str, actions: int) -> str:
    """One of the other goals; its id."""
    goal_id = f"00000000-0000-4000-8000-00000000a{number:03x}"
    world.names[goal_id] = f"goal{number}"
    _add_rows(world, goal_id, user, (1, actions), " bcde"[number], number << 16)
    return goal_id


def _add_rows(  # noqa: PLR0917 - a row's columns
    world: World, goal_id: str, user: str, shape: tuple[int, int], letter: str, first: int
) -> list[str]:
    rows = world.rows
    nothing = dict.fromkeys(("description", "background", "constraints"))
    rows.add("goals", id=goal_id, userId=user, title=MARKER, deadline=None, **nothing)
    action_ids: list[str] = []
    for sub_goal in range(shape[0]):
        sub_goal_id = f"00000000-0000-4000-8000-0000{first + 0xB0000 + sub_goal:08x}"
        rows.add(
            "sub_goals", id=sub_goal_id, goalId=goal_id, title=MARKER, position=sub_goal, **nothing
        )
        for position in range(shape[1]):
            action_id = f"00000000-0000-4000-8000-{first + len(action_ids):012x}"
            action_ids.append(action_id)
            world.names[action_id] = f"{letter}{len(action_ids)}"
            rows.add(
                "actions",
                id=action_id,
                subGoalId=sub_goal_id,
                title=MARKER,
                type="HABIT",
                position=position,
                **nothing,
            )
    return action_ids
