"""A distributed Map: each item is an execution of its own, and a Map Run counts them.

Developer guide: Distributed mode. ItemReader is MiniStack's reader; ItemBatcher and ResultWriter
are not held.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from localcloud.aws.executions.asl.attempts import located
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.lines import Work, run_side_by_side
from localcloud.aws.executions.asl.parallel_state import Walk
from localcloud.aws.executions.history import compact, record
from localcloud.aws.executions.scopes import Scope, current, entered
from localcloud.aws.ministack import ExecutionError, Json, responses, states

AT_ONCE_LIMIT = 64
"""Children that run at once where MaxConcurrency gives no number; AWS's own limit is 10,000."""

_MACHINE = ":stateMachine:"
_COUNTS = (
    *("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total"),
    *("resultsWritten", "failuresNotRedrivable", "pendingRedrive"),
)


@dataclass(frozen=True)
class Tolerance:
    """How many children may fail before the Map Run does; None where a limit is not set."""

    count: int | None
    percentage: float | None

    def exceeded(self, failed: int, total: int) -> bool:
        """Whether more failed than may; without a limit, one is too many."""
        if self.count is None and self.percentage is None:
            return failed > 0
        too_many = self.count is not None and failed > self.count
        too_much = self.percentage is not None and failed * 100 > self.percentage * total
        return too_many or too_much


def is_distributed(processor: Json) -> bool:
    """Whether a Map's processor runs its items as executions."""
    return processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"


@dataclass(frozen=True)
class MapRun:
    """One run of a distributed Map.

    fields: the state in its query language. at_once: 0 for as many as may be.
    """

    state: Json
    fields: Any
    frame: Frame
    walk: Walk
    at_once: int
    tolerance: Tolerance

    def outputs(self, items: list[Any]) -> list[Any]:
        """The outputs of the children that succeeded, in the order of their items.

        Raises ExecutionError if more failed than are tolerated.
        """
        execution, scope = self.frame.execution, current()
        run = self._begun()
        started = {"mapRunStartedEventDetails": {"mapRunArn": run["mapRunArn"]}}
        began = record(execution, "MapRunStarted", started)
        try:
            if "ItemReader" in self.state:
                reader, context = self.state["ItemReader"], self.frame.context
                items = states._read_map_items(reader, self.fields.input, context)
            works = [self._child(index, item, run) for index, item in enumerate(items)]
            outcomes = run_side_by_side(works, self.at_once or AT_ONCE_LIMIT)
            counts = Counter("succeeded" if outcome else "failed" for outcome in outcomes)
            for kind in ("itemCounts", "executionCounts"):
                run[kind].update(counts, total=len(items))
            if self.tolerance.exceeded(counts["failed"], len(items)):
                raise ExecutionError(
                    "States.ExceedToleratedFailureThreshold",
                    "The specified tolerated failure threshold was exceeded",
                )
        except ExecutionError as error:
            run.update(status="FAILED", stopDate=responses.now_iso())
            details = {"error": error.error, "cause": error.cause}
            record(execution, "MapRunFailed", {"mapRunFailedEventDetails": details})
            raise
        run.update(status="SUCCEEDED", stopDate=responses.now_iso())
        record(execution, "MapRunSucceeded")
        record(execution, "MapStateSucceeded", leads_on=False)
        # recorded since November 2024: what follows the Map follows the beginning of its run
        scope.last_event_id = began
        return [output for outcome in outcomes for output in outcome]

    def _begun(self) -> Json:
        machine_arn: str = self.frame.execution["stateMachineArn"]
        label: str = self.state.get("Label") or str(uuid4())
        run: Json = {
            "mapRunArn": f"{machine_arn.replace(_MACHINE, ':mapRun:')}/{label}:{uuid4()}",
            "executionArn": self.frame.execution["executionArn"],
            "status": "RUNNING",
            "startDate": responses.now_iso(),
            "maxConcurrency": self.at_once,
            "toleratedFailurePercentage": self.tolerance.percentage or 0,
            "toleratedFailureCount": self.tolerance.count or 0,
            "itemCounts": dict.fromkeys(_COUNTS, 0),
            "executionCounts": dict.fromkeys(_COUNTS, 0),
            "redriveCount": 0,
            "_stateMachineArn": f"{machine_arn}/{label}",
        }
        states._map_runs[run["mapRunArn"]] = run
        return run

    def _child(self, index: int, item: Any, run: Json) -> Work:
        inner = self.frame.inner(Map={"Item": {"Index": index, "Value": item}})

        def work(scope: Scope) -> list[Any]:
            with located(self.frame):
                given = self.fields.item_input(inner)
            return self._run(_new_child(self.frame.execution, given, run), given, inner, scope)

        return work

    def _run(self, child: Json, given: Any, inner: Frame, scope: Scope) -> list[Any]:
        """The child's output; nothing if it fails."""
        states._executions[child["executionArn"]] = child
        execution = {
            **inner.context["Execution"],
            "Id": child["executionArn"],
            "Input": given,
            "Name": child["name"],
            "StartTime": child["startDate"],
        }
        context = {**inner.context, "Execution": execution}
        frame = Frame(child, context, inner.language, inner.variables)
        processor: Json = self.state.get("ItemProcessor") or self.state["Iterator"]
        with entered(scope.child(child)):
            try:
                output = self.walk(processor, given, frame)
            except ExecutionError as error:
                reason = {"error": error.error, "cause": error.cause}
                child.update(reason, status="FAILED", stopDate=responses.now_iso())
                return []
        child.update(status="SUCCEEDED", output=compact(output), stopDate=responses.now_iso())
        return [output]


def _new_child(parent: Json, given: Any, run: Json) -> Json:
    name, machine_arn = str(uuid4()), run["_stateMachineArn"]
    return {
        "executionArn": f"{machine_arn.replace(_MACHINE, ':execution:')}:{name}",
        "stateMachineArn": machine_arn,
        "mapRunArn": run["mapRunArn"],
        "name": name,
        "status": "RUNNING",
        "startDate": responses.now_iso(),
        "stopDate": None,
        "input": json.dumps(given),
        "output": None,
        "roleArn": parent["roleArn"],
        "logging": parent["logging"],
        "events": [],
    }
