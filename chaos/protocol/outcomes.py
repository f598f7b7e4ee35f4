"""What one step of a process may have as outcomes, and the handlers' errors.

An outcome is a state and a result; a result that is an error is raised in the process. A step
without outcomes waits for the row's lock.
"""

from typing import Any

from chaos.protocol.state import State

Outcomes = list[tuple[State, Any]]


class FencedError(Exception):
    """The handlers' error of that name, as those below."""


class StartRefusedError(Exception):
    """Step Functions did not start the execution."""


class TableUnavailableError(Exception):
    """Either nothing was written, or only the answer was lost."""


class StateMachineUnavailableError(Exception):
    """The same for Step Functions."""


def faults(without: State, with_effect: State, error: type[Exception]) -> Outcomes:
    """The outcomes of a step whose request or whose answer is lost, if faults are left."""
    if not without.faults:
        return []
    left = without.faults - 1
    return [(without._replace(faults=left), error), (with_effect._replace(faults=left), error)]
