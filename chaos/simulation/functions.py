"""Lambda: the real entry functions, invoked in sandboxes that crash, stall and run out of time."""

import importlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from chaos.simulation.faults import Edge, Fault
from chaos.simulation.sandbox import Edges, Invocation
from chaos.simulation.scheduler import Condition, Killed
from handlers.contract.environment import EnvironmentVariableError
from handlers.contract.functions import FUNCTIONS, FunctionSpec
from localcloud.aws.ministack import ExecutionError

Entry = Callable[[dict[str, Any], Any], Any]

_ERRORS = {
    Fault.THROTTLED: "Lambda.TooManyRequestsException",
    Fault.REFUSED: "Lambda.ResourceNotFoundException",
    Fault.CRASHED_BEFORE: "Runtime.ExitError",
    Fault.CRASHED_AFTER: "Runtime.ExitError",
}
_KNOWN_MODULES = ("handlers.", "botocore.", "chaos.simulation.step_functions")


@dataclass
class LambdaContext:
    """What the handlers read of Lambda's context."""

    invocation: Invocation
    edges: Edges

    def get_remaining_time_in_millis(self) -> int:
        """Until the function is killed."""
        return int((self.invocation.ends_at - self.edges.scheduler.now) * 1000)


@dataclass
class Functions:
    """All functions.

    skew_seconds: how far a sandbox's clock may be off. defects: errors that no code of ours raises.
    """

    edges: Edges
    skew_seconds: float = 0
    count: Counter[str] = field(default_factory=Counter[str])
    defects: list[Exception] = field(default_factory=list[Exception])

    def invoke(self, function: FunctionSpec, event: dict[str, Any], subject: str) -> Any:
        """Invoke a function and wait for its answer; ExecutionError, under Step Functions' names.

        subject: what it works on, for the name of the invocation.
        """
        self.count[f"{function.name}/{subject}"] += 1
        name = f"{function.name}/{subject}#{self.count[f'{function.name}/{subject}']}"

        def effect() -> Any:
            return self._run(function, event, name)

        def again() -> Any:
            return self._run(function, event, f"{name}+")

        return self.edges.call(
            f"invoke {function.name}", Edge.INVOKE, effect, failure, again=again, where=name
        )

    def _run(self, function: FunctionSpec, event: dict[str, Any], name: str) -> Any:
        scheduler = self.edges.scheduler
        skew = (self.edges.plan.chance(name, "skew") * 2 - 1) * self.skew_seconds
        ends_at = scheduler.now + function.timeout_seconds
        invocation = Invocation(name, function.name, skew, ends_at, event)
        outcome: list[tuple[str | None, Any]] = []
        done = Condition(scheduler)

        def work() -> None:
            try:
                answer = _entry(function.module)(event, LambdaContext(invocation, self.edges))
                outcome.append((None, json.loads(json.dumps(answer))))
            except Killed:
                outcome.append(("Runtime.ExitError", ""))
            except Exception as error:
                self._expect_known(error)
                outcome.append((type(error).__name__, str(error)))
            done.notify_all()

        process = scheduler.start(work, invocation=invocation)
        if not done.wait_for(lambda: bool(outcome), function.timeout_seconds):
            self.edges.strike(invocation)
            scheduler.kill(process)
            raise ExecutionError("Sandbox.Timedout", "")
        error, answer = outcome[0]
        if error:
            raise ExecutionError(error, json.dumps({"errorType": error, "errorMessage": answer}))
        return answer

    def _expect_known(self, error: Exception) -> None:
        """Any other error is a defect, of the handlers or of the simulation."""
        is_known = type(error).__module__.startswith(_KNOWN_MODULES)
        if not is_known or isinstance(error, EnvironmentVariableError):
            self.defects.append(error)
            self.edges.scheduler.is_stopped = True


def failure(fault: Fault) -> ExecutionError:
    """What Step Functions makes of an invocation that failed outside of the function."""
    return ExecutionError(_ERRORS.get(fault, "Lambda.SdkClientException"), "")


@cache
def _entry(module: str) -> Entry:
    """An entry without Lambda's own surroundings (traces, log context)."""
    return importlib.import_module(f"handlers.{module}").handler.__wrapped__


BY_NAME = {each.name: each for each in FUNCTIONS}
