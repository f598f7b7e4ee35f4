"""Step Functions: executions of the real definition, run by the embedded cloud's interpreter.

The states are interpreted by `localcloud.aws.executions`; the life of an execution (start by name,
time-out, stop, redrive, status events) is kept here, on the virtual clock. A redrive begins again
at the state that the execution had entered last, with all of its iterations.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chaos.simulation.faults import Edge, Fault
from chaos.simulation.sandbox import Edges
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.scopes import LineEndedError, Scope, entered
from localcloud.aws.executions.walk import walk
from localcloud.aws.ministack import ExecutionError, Json, responses

MACHINE_ARN = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:TaskGenerationWorkflow-test"
ALIAS_ARN = f"{MACHINE_ARN}:live"

_KNOWN_AFTER_SECONDS = 2.0
"""DescribeExecution is eventually consistent: for so long it may not know a new execution."""


class ExecutionAlreadyExists(ClientError):  # noqa: N818 - boto3's name
    """As boto3's client has it."""


class ExecutionDoesNotExist(ClientError):  # noqa: N818
    """As boto3's client has it."""


@dataclass
class Execution:
    """One execution.

    record: the interpreter's, with the events of its history.
    """

    name: str
    given: Json
    definition: Json
    started_at: float
    started_iso: str
    record: Json
    status: str = "RUNNING"
    scope: Scope | None = None
    redrives: int = 0


@dataclass
class StepFunctions:
    """All executions, and boto3's client.

    definition: of the version that the alias names now. ended: called at every end.
    """

    edges: Edges
    definition: Json
    ended: Callable[[Execution], None]
    is_up: bool = True
    executions: dict[str, Execution] = field(default_factory=dict[str, Execution])
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(
            ExecutionAlreadyExists=ExecutionAlreadyExists,
            ExecutionDoesNotExist=ExecutionDoesNotExist,
        )
    )

    def start_execution(self, *, stateMachineArn: str, name: str, input: str, **_: Any) -> Any:  # noqa: N803
        """StartExecution."""
        assert stateMachineArn == ALIAS_ARN  # noqa: S101 - the only one

        def effect() -> Any:
            self._expect_up()
            existing = self.executions.get(name)
            if existing is None:
                self._start(name, json.loads(input))
            elif existing.status != "RUNNING" or existing.given != json.loads(input):
                raise _refusal("ExecutionAlreadyExists", ExecutionAlreadyExists)
            return {}

        return self.edges.call("start_execution", Edge.START, effect, failure)

    def describe_execution(self, *, executionArn: str) -> Any:  # noqa: N803
        """DescribeExecution."""
        name = executionArn.rpartition(":")[2]

        def effect() -> Any:
            self._expect_up()
            found = self.executions.get(name)
            if found is None or self._is_too_new(found):
                raise _refusal("ExecutionDoesNotExist", ExecutionDoesNotExist)
            return {"status": found.status}

        return self.edges.call("describe_execution", Edge.DESCRIBE, effect, failure)

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> Any:  # noqa: N803, ARG002
        """StopExecution."""
        name = executionArn.rpartition(":")[2]

        def effect() -> Any:
            self._expect_up()
            if name not in self.executions:
                raise _refusal("ExecutionDoesNotExist", ExecutionDoesNotExist)
            self.end(self.executions[name], "ABORTED")
            return {}

        return self.edges.call("stop_execution", Edge.STOP, effect, failure)

    def end(self, execution: Execution, status: str) -> None:
        """End an execution, unless it has ended: the first end counts."""
        if execution.status == "RUNNING":
            execution.status = status
            if execution.scope:
                execution.scope.end()
            self.ended(execution)

    def redrive(self, execution: Execution) -> None:
        """RedriveExecution, of one that has ended without success."""
        if execution.status not in ("FAILED", "TIMED_OUT", "ABORTED"):
            return
        states = execution.definition["States"]
        entries = [
            details
            for event in execution.record["events"]
            if (details := event.get("stateEnteredEventDetails")) and details["name"] in states
        ]
        tasks = [each for each in entries if states[each["name"]]["Type"] != "Fail"]
        if not tasks:
            return
        execution.status, execution.redrives = "RUNNING", execution.redrives + 1
        last = tasks[-1]
        self._run({**execution.definition, "StartAt": last["name"]}, execution, last["input"])

    def _start(self, name: str, given: Json) -> None:
        record: Json = {
            "executionArn": f"{MACHINE_ARN.replace('stateMachine', 'execution')}:{name}",
            "name": name,
            "events": [],
        }
        now = self.edges.scheduler.now
        execution = Execution(name, given, self.definition, now, responses.now_iso(), record)
        self.executions[name] = execution
        self._run(execution.definition, execution, json.dumps(given))

    def _run(self, machine: Json, execution: Execution, given: str) -> None:
        scope = execution.scope = Scope(execution.record, "arn:aws:iam::123456789012:role/machine")
        context: Json = {
            "Execution": {
                "Id": execution.record["executionArn"],
                "Input": execution.given,
                "Name": execution.name,
                "StartTime": execution.started_iso,
            },
        }
        frame = Frame(execution.record, context, machine["QueryLanguage"])

        def work() -> None:
            try:
                with entered(scope):
                    walk(machine, json.loads(given), frame)
            except LineEndedError:
                return
            except ExecutionError:
                status = "FAILED"
            else:
                status = "SUCCEEDED"
            if execution.scope is scope:
                self.end(execution, status)

        def time_out() -> None:
            if execution.scope is scope:
                self.end(execution, "TIMED_OUT")

        self.edges.scheduler.start(work)
        self.edges.scheduler.start(time_out, machine["TimeoutSeconds"])

    def _is_too_new(self, execution: Execution) -> bool:
        age = self.edges.scheduler.now - execution.started_at
        lag = self.edges.plan.chance(execution.name, "lag") * _KNOWN_AFTER_SECONDS
        return age < lag and not execution.redrives

    def _expect_up(self) -> None:
        if not self.is_up:
            raise failure(Fault.TIMED_OUT_BEFORE)


def failure(fault: Fault) -> Exception:
    """What boto3 raises of a fault."""
    if fault is Fault.THROTTLED:
        return _refusal("ThrottlingException", ClientError)
    if fault is Fault.REFUSED:
        return _refusal("AccessDeniedException", ClientError)
    return ReadTimeoutError(endpoint_url="states")


def _refusal(code: str, kind: type[ClientError]) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return kind(response, "simulated")
