"""What users do, over the API and in the product, and what they must be answered."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from chaos.simulation.goals import GOAL_ID
from chaos.simulation.world import World
from handlers.contract.functions import (
    WORKFLOW_CANCEL,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from localcloud.aws.ministack import ExecutionError

OWNER, NEIGHBOUR, STRANGER = "owner", "neighbour", "stranger"


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


class Users:
    """The users of one world.

    action_ids: of the owner's goal.
    """

    def __init__(self, world: World, action_ids: list[str]) -> None:
        self._world = world
        self._action_ids = action_ids
        self._known: list[str] = []
        self._others: list[tuple[str, str]] = []

    def start(self, key: str | None, user: str = OWNER, goal_id: str = GOAL_ID) -> None:
        """POST start-activity."""
        headers = {"idempotency-key": key} if key else {}
        path = {"goalId": goal_id}
        route = "/goals/{goalId}/start-activity"
        answer = self._request(Request(WORKFLOW_START, "POST", route, path, user, headers))
        if answer is None:
            return
        status, body = answer
        expect = self._world.invariants.expect
        if user == STRANGER:
            refused = status == HTTPStatus.NOT_FOUND or self._is_failure(status, WORKFLOW_START)
            expect(7, refused, f"a stranger's start is answered {status}")
            return
        if status == HTTPStatus.ACCEPTED:
            self._note(body["executionId"], user, goal_id)
        elif status == HTTPStatus.CONFLICT:
            self._note(body["error"]["details"]["executionId"], user, goal_id)
        else:
            self._expect_failure(status, WORKFLOW_START, "start")

    def _note(self, execution_id: str, user: str, goal_id: str) -> None:
        if goal_id == GOAL_ID:
            self._known.append(execution_id)
        else:
            self._others.append((execution_id, user))

    def cancel(self, user: str = OWNER, which: int = -1) -> None:
        """POST cancel of an execution, by default the latest."""
        if self._known:
            self._of(self._known[which], WORKFLOW_CANCEL, "POST", "cancel", user)

    def cancel_another(self) -> None:
        """POST cancel of another goal's execution."""
        if self._others:
            execution_id, user = self._others[0]
            self._of(execution_id, WORKFLOW_CANCEL, "POST", "cancel", user)

    def cancel_and_start(self) -> None:
        """A user who changes their mind twice."""
        self.cancel()
        self.start(None)

    def retry(self) -> None:
        """POST retry of the latest execution."""
        if not self._known:
            return
        answer = self._of(self._known[-1], WORKFLOW_START, "POST", "retry", OWNER)
        if answer and answer[0] == HTTPStatus.ACCEPTED:
            self._known.append(answer[1]["executionId"])

    def watch(self, user: str = OWNER) -> None:
        """GET status of the latest execution."""
        if self._known:
            self._watch(self._known[-1], user)

    def watch_all(self) -> None:
        """GET status of one execution of each user."""
        self.watch()
        if self._others:
            self._watch(*self._others[-1])

    def _watch(self, execution_id: str, user: str) -> None:
        turns = self._world.invariants.turns
        waited = turns.waits(execution_id)
        answer = self._of(execution_id, WORKFLOW_STATUS, "GET", "status", user)
        if answer and answer[0] == HTTPStatus.OK:
            body = answer[1]
            is_whole = 0 <= body["processedActions"] <= body["totalActions"]
            self._world.invariants.expect(4, is_whole, f"progress is {body}")
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
            refused = answer[0] == HTTPStatus.NOT_FOUND or self._is_failure(answer[0], function)
            self._world.invariants.expect(
                7, refused, f"a stranger's {verb} is answered {answer[0]}"
            )
        elif answer and answer[0] not in (200, 202, 404, 409):
            self._expect_failure(answer[0], function, verb)
        return answer

    def _expect_failure(self, status: int, function: FunctionSpec, what: str) -> None:
        # 400: the goal has no actions any more
        is_known = status in (400, 404) or self._is_failure(status, function)
        self._world.invariants.expect(2, is_known, f"a {what} is answered {status}")

    def _is_failure(self, status: int, function: FunctionSpec) -> bool:
        """Whether a fault explains it: a mistake, of ours or of a stand-in, is a 500 too."""
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return function.name in self._world.edges.struck
        return status == HTTPStatus.SERVICE_UNAVAILABLE

    def _request(self, request: Request) -> tuple[int, Any] | None:
        """Status and body; None if the function died."""
        number = self._world.functions.count[f"{request.function.name}/{request.user}"] + 1
        event = request.event(f"{request.user}-{request.function.name}-{number}")
        try:
            answer = self._world.functions.invoke(request.function, event, request.user)
        except ExecutionError:
            return None
        self._world.invariants.text_left("an answer of the API", answer["body"])
        return answer["statusCode"], json.loads(answer["body"])

    def delete_action(self, chance: float) -> None:
        """A user deletes an action, and its tasks with it."""
        rows = self._world.rows
        action_id = self._action_ids[int(chance * len(self._action_ids))]
        place = ("actions", action_id)
        rows.released.wait_for(lambda: not rows.shares.get(place))
        self._world.invariants.deleted_actions.add(action_id)
        rows.tables["actions"].pop(action_id, None)
        tasks = rows.tables["tasks"]
        for key in [key for key, row in tasks.items() if row["actionId"] == action_id]:
            del tasks[key]

    def touch_task(self) -> None:
        """A user starts one of the tasks."""
        tasks = self._world.rows.tables["tasks"]
        for key, row in tasks.items():
            if row["status"] == "NOT_STARTED" and ("tasks", key) not in self._world.rows.locks:
                tasks[key] = {**row, "status": "IN_PROGRESS"}
                return
