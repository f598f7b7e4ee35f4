"""One world: a user's goal, and everything that an execution of it meets, under one seed."""

from contextlib import suppress
from typing import Any

from chaos.simulation.faults import Edge, Fault, Plan
from chaos.simulation.functions import BY_NAME, Functions
from chaos.simulation.invariants import Invariants
from chaos.simulation.model import SimulatedModel
from chaos.simulation.postgres.database import Server
from chaos.simulation.postgres.rows import Rows
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import Scheduler
from chaos.simulation.step_functions import Execution, StepFunctions
from chaos.simulation.table import Table
from chaos.simulation.table import failure as table_failure
from components.compute.state_machine_definition import Workflow, definition
from components.settings.sections import RetrySettings, ThrottleRetrySettings
from handlers.contract.functions import (
    TASK_GENERATION,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_SAVE_BATCH,
    FunctionSpec,
)
from handlers.contract.timing import SWEEP_MINUTES
from handlers.storage.turns import READ_ITEMS
from localcloud.aws.executions.scopes import current as scope
from localcloud.aws.ministack import ExecutionError, Json

TIMEOUT_SECONDS = 900
_SWEEP_SECONDS = 5.0
"""A sweep without faults takes less."""


class World:
    """Everything around the handlers.

    names: short names of ids, for sites and histories. timeout_seconds: of an execution.
    budgets: tokens a minute that executions share, of this version and of another; 0: none waits.
    tickets_read: how many items of the queue one query reads.
    hedge_after_seconds: when a model call gets a second one beside it; 0: never.
    """

    def __init__(
        self,
        plan: Plan,
        timeout_seconds: int = TIMEOUT_SECONDS,
        budgets: tuple[int, int] = (0, 0),
        tickets_read: int = READ_ITEMS,
    ) -> None:
        self.timeout_seconds = timeout_seconds
        self.budgets = budgets
        self.tickets_read = tickets_read
        self.hedge_after_seconds = 0.0
        self.scheduler = Scheduler()
        self.plan = plan
        self.edges = Edges(self.scheduler, plan)
        self.invariants = Invariants(self)
        self.rows = Rows(self.scheduler, self.invariants.rows_changed)
        self.server = Server(self.edges, self.rows)
        self.table = Table(self.edges, self.invariants.item_changed, self.invariants.turns.read)
        self.model = SimulatedModel(self.edges, self.invariants.model_call_began)
        self.machine = StepFunctions(
            self.edges, machine_definition(timeout_seconds), self._execution_ended
        )
        self.functions = Functions(self.edges)
        self.names: dict[str, str] = {}
        self._random = plan.random("ids")
        self._jitter = plan.random("jitter")
        self._clients: dict[str, Any] = {
            "dynamodb": self.table,
            "stepfunctions": self.machine,
            "bedrock-runtime": self.model,
            "sns": self,
            "secretsmanager": None,
        }

    def client(self, service: str) -> Any:
        """boto3's client of a service."""
        return self._clients[service]

    def random_bits(self, count: int) -> int:
        """secrets.randbits."""
        return self._random.getrandbits(count)

    def jitter(self) -> float:
        """A number from 0 to 1."""
        return self._jitter.random()

    def name(self, identity: str) -> str:
        """The short name of an id; an unknown one is an execution's."""
        return self.names.setdefault(identity, f"x{len(self.names)}")

    def logged(self, line: str) -> None:
        """A line of a function's log."""
        self.invariants.text_left("a log line", line)

    def publish(self, **message: Any) -> Any:
        """SNS's Publish, by workflow-reconcile."""
        self.invariants.text_left("a notification", str(message))
        return self.edges.call("publish", Edge.PUBLISH, _nothing, table_failure)

    def task(self, resource: str, arguments: Json) -> Any:
        """The work of a Task state."""
        execution: Json = scope().execution
        self.invariants.text_left("the state machine's history", str(arguments))
        subject = self.name(execution["name"])
        if ":function:" in resource:
            function = BY_NAME[resource.split(":")[6]]
            if actions := arguments.get("actionId") or ",".join(arguments.get("actionIds") or ()):
                subject += "/" + ",".join(self.name(each) for each in actions.split(","))
            return self.functions.invoke(function, arguments, subject)
        is_update = resource.endswith("updateItem")
        if is_update:
            subject += "/" + self.name(arguments["Key"]["sk"]["S"].partition("#")[2])
        return self._integration(is_update, arguments, subject)

    def _integration(self, is_update: bool, arguments: Json, subject: str) -> Any:
        def effect() -> Any:
            if not is_update:
                return {}
            if not self.table.is_up:
                raise failure(Fault.THROTTLED)
            try:
                return self.table.update_now(arguments)
            except Exception as error:
                name = error.response["Error"]["Code"]  # pyright: ignore
                raise ExecutionError(f"DynamoDB.{name}", "") from error

        def failure(fault: Fault) -> ExecutionError:
            service = "DynamoDB" if is_update else "SNS"
            if fault is Fault.REFUSED:
                return ExecutionError(f"{service}.AccessDeniedException", "")
            if fault is Fault.THROTTLED:
                throttled = "ThrottlingException" if is_update else "ThrottledException"
                return ExecutionError(f"{service}.{throttled}", "")
            return ExecutionError(f"{service}.SdkClientException", "")

        operation, edge = ("updateItem", Edge.UPDATE) if is_update else ("sns", Edge.PUBLISH)
        self.functions.count[operation + subject] += 1
        where = f"machine/{subject}:{operation}.{self.functions.count[operation + subject]}"
        return self.edges.call(operation, edge, effect, failure, where=where)

    def sweep_every_five_minutes(self, *, after: float) -> None:
        """EventBridge's schedule, until nothing is left that could happen.

        after: when the last fault and the last move are over.
        """

        def work() -> None:
            number, steps = 0, -1
            while True:
                self.scheduler.sleep(SWEEP_MINUTES * 60)
                if self.scheduler.now > after and self._is_over() and steps == self.edges.steps:
                    self.scheduler.is_stopped = True
                number += 1
                self.deliver({}, f"sweep{number}")
                self.scheduler.sleep(_SWEEP_SECONDS)
                steps = self.edges.steps

        self.scheduler.start(work)

    def _is_over(self) -> bool:
        locks = self.rows.tables["goal_workflows"].values()
        return not any(row["execution_id"] for row in locks) and all(
            each.status != "RUNNING" for each in self.machine.executions.values()
        )

    def _execution_ended(self, execution: Execution) -> None:
        if execution.status == "SUCCEEDED":
            return  # the rule asks for the others only
        detail = {"detail": {"name": execution.name, "status": execution.status}}
        self.scheduler.start(lambda: self.deliver(detail, self.name(execution.name)))

    def deliver(self, event: Json, subject: str) -> None:
        """An event for workflow-reconcile: best effort, so lost, late or twice."""
        self.functions.count[subject] += 1
        where = f"event/{subject}#{self.functions.count[subject]}"

        def invoke() -> None:
            def work() -> None:
                with suppress(ExecutionError):  # Lambda would invoke again: the sweep does
                    self.functions.invoke(WORKFLOW_RECONCILE, event, subject)

            self.scheduler.start(work)

        def failure(_: Fault) -> Exception:
            return _LostError()

        with suppress(_LostError):
            self.edges.call("event", Edge.EVENT, invoke, failure, where=where)


class _LostError(Exception):
    """An event that does not arrive."""


def machine_definition(
    timeout_seconds: int, *, actions_at_once: int = 24, batches_at_once: int = 3
) -> Json:
    """The real definition; its functions are named by their own names."""
    return definition(
        Workflow(
            prepare=_arn(WORKFLOW_PREPARE),
            generate=_arn(TASK_GENERATION),
            save=_arn(WORKFLOW_SAVE_BATCH),
            finish=_arn(WORKFLOW_FINISH),
            table_name="WorkflowExecution-test",
            topic_arn="topic",
            timeout_seconds=timeout_seconds,
            generate_timeout_seconds=130,
            actions_at_once=actions_at_once,
            batches_at_once=batches_at_once,
            retry=RetrySettings(),
            throttle_retry=ThrottleRetrySettings(),
        )
    )


def _arn(function: FunctionSpec) -> str:
    return f"arn:aws:lambda:ap-northeast-1:123456789012:function:{function.name}:live"


def _nothing() -> Json:
    return {}
