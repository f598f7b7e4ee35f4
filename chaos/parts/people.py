"""The people around a goal: its owner, an operator at the console, a stranger."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from chaos.parts.cells import Fault, Step
from chaos.parts.checks.evidence import Progress, Reply, Task
from chaos.parts.ledger import Goal, Ledger
from chaos.parts.plan import AGAIN_RETRY, GoalPlan
from chaos.parts.scene import Scene
from localcloud.cluster.users import OTHER_USER, id_token
from localcloud.run.api_client import ApiClient, ApiRefusedError
from localcloud.run.http_calls import exchange

_PAUSE_SECONDS = 0.4
_TRANSIENT = (429, 500, 503, 504)
_TOO_MANY = 429
_TOUCH = """
    UPDATE tasks SET status = %s, title = %s, "updatedAt" = now() WHERE id = (
        SELECT t.id FROM tasks t JOIN actions a ON a.id = t."actionId"
        JOIN sub_goals s ON s.id = a."subGoalId"
        WHERE s."goalId" = %s AND t.status = 'NOT_STARTED' ORDER BY t.id LIMIT 1 FOR UPDATE OF t
    ) AND status = 'NOT_STARTED' RETURNING id::text, "actionId"::text, status::text, title
"""


@dataclass
class People:
    """Everybody who acts on the goals of a scene.

    gateway_refuses: whether the gateway answers a request for a step itself.
    """

    ledger: Ledger
    gateway_refuses: Callable[[Step], bool] = lambda _step: False
    refused_actions: set[str] = field(default_factory=set[str])
    _tokens: dict[str, str] = field(default_factory=dict[str, str])
    _scene: Scene | None = None

    @property
    def scene(self) -> Scene:
        """The cloud. Raises RuntimeError before `enter`."""
        if self._scene is None:
            raise RuntimeError("there is no cloud yet: call enter")
        return self._scene

    def enter(self, scene: Scene) -> None:
        """Act on this cloud from now on."""
        self._scene = scene

    def client(self, user: str = "hanako") -> ApiClient:
        """The API for a user."""
        if user not in self._tokens:
            self._tokens[user] = id_token(self.scene.state, user)
        return ApiClient(self.scene.state.api_url, self._tokens[user])

    def drive(self, goal: Goal, plan: GoalPlan, patience: float) -> None:
        """Start a goal, watch it to its end and maybe run it again, as its owner's browser does."""
        give_up_at = time.monotonic() + patience
        try:
            execution_id = self._started(goal, plan, give_up_at)
            if execution_id and self._watched(execution_id, give_up_at) and plan.again:
                self.refused_actions -= set(goal.actions)
                self.set_model()
                again = (
                    self._retried(goal, plan, execution_id, give_up_at)
                    if plan.again == AGAIN_RETRY
                    else self._started(goal, plan, give_up_at)
                )
                if again:
                    self._watched(again, give_up_at)
            self._snoop(goal)
        finally:
            goal.is_driven = False

    def set_model(self, latency: float | None = None) -> None:
        """Make the model refuse the actions that it must; the latency stays unless it is given."""
        faults = {each: {"kind": "refused"} for each in sorted(self.refused_actions)}
        settings = {"faults": faults} | ({} if latency is None else {"latency_seconds": latency})
        exchange("PUT", f"{self.scene.state.model_server_url}/control", settings)

    def goal_of(self, execution_id: str) -> Goal | None:
        """The goal of an execution; None if nobody has been told of it yet."""
        for goal in list(self.ledger.goals.values()):
            if execution_id in {reply.execution_id for reply in goal.replies}:
                return goal
        with self.scene.connect() as connection:
            row = connection.execute(
                "SELECT goal_id::text FROM goal_workflows WHERE execution_id = %s", [execution_id]
            ).fetchone()
        return self.ledger.goals.get(row[0]) if row else None

    def act(self, fault: Fault, execution_id: str) -> bool:
        """Do what the fault is to an execution; False if that cannot be done."""
        goal = self.goal_of(execution_id)
        if goal is None:
            return False
        match fault:
            case Fault.SECOND_START:
                self._ask(goal, "second start", lambda api: api.start(goal.goal_id)["executionId"])
            case Fault.CANCELLED:
                if self.gateway_refuses(Step.CANCEL):
                    goal.note("cancel", "", _TOO_MANY)
                self._ask(goal, "cancel", lambda api: api.cancel(execution_id)["status"], 200)
            case Fault.RETRY_OF_OLD:
                old = min(goal.accepted)
                self._ask(goal, "retry of old", lambda api: api.retry(old)["executionId"])
            case Fault.STOPPED:
                self._stop(execution_id)
            case Fault.USER_STARTS_TASK:
                return self._touch(goal)
            case _:
                self.reconcile({"detail": {"name": execution_id}})
                self.reconcile({})
        return True

    def reconcile(self, event: object) -> None:
        """Invoke workflow-reconcile as a status event does, or with {} as the schedule does."""
        self.scene.state.client("lambda").invoke(
            FunctionName=self.scene.state.exports["functionArns"]["workflow-reconcile"],
            InvocationType="Event",
            Payload=json.dumps(event),
        )

    def _ask(
        self, goal: Goal, asked: str, ask: Callable[[ApiClient], str], status: int = 202
    ) -> Reply | None:
        """The API's answer; None if the same request may succeed later."""
        try:
            answer = ask(self.client())
        except ApiRefusedError as error:
            reply = goal.refused(asked, error)
            return None if error.status in _TRANSIENT else reply
        except OSError:
            goal.note(asked, "", 0)
            return None
        return goal.note(asked, answer if status == 202 else "", status)  # noqa: PLR2004

    def _started(self, goal: Goal, plan: GoalPlan, give_up_at: float) -> str:
        """The id of the execution that runs for the goal in the end; "" if none was accepted."""
        key = str(uuid4()) if plan.with_key else None
        while time.monotonic() < give_up_at:
            if self.gateway_refuses(Step.START):
                goal.note("start", "", _TOO_MANY)
            elif reply := self._ask(
                goal,
                "start",
                lambda api: api.start(goal.goal_id, idempotency_key=key)["executionId"],
            ):
                return reply.execution_id
            time.sleep(_PAUSE_SECONDS)
        return ""

    def _retried(self, goal: Goal, plan: GoalPlan, execution_id: str, give_up_at: float) -> str:
        key = str(uuid4()) if plan.with_key else None
        while time.monotonic() < give_up_at:
            if reply := self._ask(
                goal,
                "retry",
                lambda api: api.retry(execution_id, idempotency_key=key)["executionId"],
            ):
                return reply.execution_id
            time.sleep(_PAUSE_SECONDS)
        return ""

    def _watched(self, execution_id: str, give_up_at: float) -> bool:
        """Whether it has ended in time."""
        while time.monotonic() < give_up_at:
            try:
                body = self.client().status(execution_id)
            except (ApiRefusedError, OSError):
                time.sleep(_PAUSE_SECONDS)
                continue
            total = body["totalActions"]
            seen = Progress(body["status"], body["processedActions"], total)
            self.ledger.progress[execution_id].append(seen)
            if seen.status != "RUNNING":
                return True
            time.sleep(_PAUSE_SECONDS)
        return False

    def _stop(self, execution_id: str) -> None:
        machine: str = self.scene.state.state_machine_arn
        arn = machine.rpartition(":")[0].replace(":stateMachine:", ":execution:")
        try:
            self.scene.state.client("stepfunctions").stop_execution(
                executionArn=f"{arn}:{execution_id}", error="Console", cause="by hand"
            )
        except (BotoCoreError, ClientError):
            return  # it has not begun, or the emulator is dead

    def _touch(self, goal: Goal) -> bool:
        choice = Random(goal.goal_id)  # noqa: S311 - no secret
        status = choice.choice(("IN_PROGRESS", "COMPLETED", "SKIPPED"))
        with self.scene.connect() as connection:
            row = connection.execute(
                _TOUCH, [status, f"手を入れた {choice.randint(1, 999)}", goal.goal_id]
            ).fetchone()
        if row:
            goal.touched.append(Task(*row))
        return row is not None

    def _snoop(self, goal: Goal) -> None:
        """Ask for the goal and its executions as another user."""
        stranger = self.client(OTHER_USER)
        asks: list[tuple[str, Callable[[], object]]] = [
            ("start", lambda: stranger.start(goal.goal_id))
        ]
        if goal.accepted:
            execution_id = goal.accepted[0]
            asks += [
                ("status", lambda: stranger.status(execution_id)),
                ("actions", lambda: stranger.actions(execution_id)),
                ("cancel", lambda: stranger.cancel(execution_id)),
                ("retry", lambda: stranger.retry(execution_id)),
            ]
        for asked, ask in asks:
            try:
                ask()
                goal.stranger.append(Reply(asked, 200))
            except ApiRefusedError as error:
                goal.stranger.append(Reply(asked, error.status, error.code))
            except OSError:
                pass
