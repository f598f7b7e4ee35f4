"""The steps on the state machine: each is one request of Step Functions."""

from chaos.protocol.outcomes import (
    Outcomes,
    StartRefusedError,
    StateMachineUnavailableError,
    faults,
)
from chaos.protocol.state import State, with_execution


class MachineSteps:
    """The requests."""

    def start_machine(self, state: State, _: int, number: int, wanted: tuple[int, ...]) -> Outcomes:
        """StartExecution; nothing happens if the name was used before."""
        if state.executions[number].machine:
            return [(state, None)]
        started = with_execution(state, number, machine="RUNNING", wanted=wanted)
        failing = faults(state, started, StateMachineUnavailableError)
        if failing:
            failing.append((state._replace(faults=state.faults - 1), StartRefusedError))
        return [(started, None), *failing]

    def describe(self, state: State, _: int, number: int) -> Outcomes:
        """DescribeExecution: its status, or None."""
        return [(state, state.executions[number].machine)]

    def stop(self, state: State, _: int, number: int) -> Outcomes:
        """StopExecution."""
        if state.executions[number].machine != "RUNNING":
            return [(state, None)]
        return [(with_execution(state, number, machine="DEAD"), None)]
