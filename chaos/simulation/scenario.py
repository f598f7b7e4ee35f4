"""What happens in a world: users and operators who act at their times, and parts that fail."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Any

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
from localcloud.aws.ministack import ExecutionError

OWNER, STRANGER = "owner", "stranger"
GOAL_ID = "00000000-0000-4000-8000-00000000000a"

_RATES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35)
_FEW_KINDS, _WITH_KEY, _WHOLE_MANDALA, _AT_A_STEP = 0.5, 0.3, 0.002, 0.5
"""Shares: seeds with faults of few kinds only, starts with a key, all 64 actions, and moves that
come at a step of the simulation instead of at a time."""
_STEPS, _STEPS_TAKE = 160, 60.0
"""Up to which step moves come, and how many seconds after the last move at a time they still do."""
_TIMEOUTS = (900, 900, 900, 240, 120)
_WINDOWS = (10.0, 30.0, 60.0, 150.0, 400.0, 1200.0)


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

    kept: the names of the moves that are made; None for all of them.
    """

    def __init__(self, plan: Plan) -> None:
        chosen = plan.random("shape")
        plan.rate = chosen.choice(_RATES)
        plan.until = chosen.choice(_WINDOWS)
        if chosen.random() < _FEW_KINDS:
            plan.kinds = chosen.sample(list(Fault), chosen.randint(1, 5))
        self.world = world = World(plan, chosen.choice(_TIMEOUTS))
        world.functions.skew_seconds = chosen.choice((0, 0, 2, 30))
        world.model.seconds_at_most = chosen.choice((1.0, 8.0, 8.0, 29.0))
        self.action_ids = _add_goal(world, chosen)
        self.known: list[str] = []
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

    def start(self, key: str | None, user: str = OWNER) -> None:
        """POST start-activity."""
        headers = {"idempotency-key": key} if key else {}
        path = {"goalId": GOAL_ID}
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
            self.known.append(body["executionId"])
        elif status == HTTPStatus.CONFLICT:
            self.known.append(body["error"]["details"]["executionId"])
        else:
            self._expect_unavailable(status, "start")

    def cancel(self, user: str = OWNER, which: int = -1) -> None:
        """POST cancel of an execution, by default the latest."""
        self._of(which, WORKFLOW_CANCEL, "POST", "cancel", user)

    def cancel_and_start(self) -> None:
        """A user who changes their mind twice."""
        self.cancel()
        self.start(None)

    def retry(self) -> None:
        """POST retry of the latest execution."""
        answer = self._of(-1, WORKFLOW_START, "POST", "retry", OWNER)
        if answer and answer[0] == HTTPStatus.ACCEPTED:
            self.known.append(answer[1]["executionId"])

    def watch(self, user: str = OWNER) -> None:
        """GET status of the latest execution."""
        answer = self._of(-1, WORKFLOW_STATUS, "GET", "status", user)
        if answer and answer[0] == HTTPStatus.OK:
            body = answer[1]
            is_whole = 0 <= body["processedActions"] <= body["totalActions"]
            self.world.invariants.expect(4, is_whole, f"progress is {body}")

    def strangers(self) -> None:
        """Another user, who sees and changes nothing."""
        self.start(None, STRANGER)
        self.cancel(STRANGER)
        self.watch(STRANGER)

    def _of(
        self, which: int, function: FunctionSpec, method: str, verb: str, user: str
    ) -> tuple[int, Any] | None:
        if not self.known:
            return None
        path = {"executionId": self.known[which]}
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

    def roll_back(self) -> None:
        """It names the first one again."""
        self.world.machine.definition = machine_definition(self.world.timeout_seconds)
        self.world.table.is_old = False


def _add_goal(world: World, random: Random) -> list[str]:
    shapes = ((1, 1), (1, 1), (1, 1), (1, 2), (1, 2), (1, 3), (2, 2), (2, 3))
    sub_goals, actions = (8, 8) if random.random() < _WHOLE_MANDALA else random.choice(shapes)
    rows = world.rows
    world.names[GOAL_ID] = "goal"
    nothing = dict.fromkeys(("description", "background", "constraints"))
    rows.add("goals", id=GOAL_ID, userId=OWNER, title=MARKER, deadline=None, **nothing)
    action_ids: list[str] = []
    for sub_goal in range(sub_goals):
        sub_goal_id = f"00000000-0000-4000-8000-0000000b{sub_goal:04x}"
        rows.add(
            "sub_goals", id=sub_goal_id, goalId=GOAL_ID, title=MARKER, position=sub_goal, **nothing
        )
        for position in range(actions):
            action_id = f"00000000-0000-4000-8000-{len(action_ids):012x}"
            action_ids.append(action_id)
            world.names[action_id] = f"a{len(action_ids)}"
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
