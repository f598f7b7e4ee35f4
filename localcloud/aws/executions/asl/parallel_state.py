"""A Parallel state: its branches side by side, all on one input."""

from collections.abc import Callable
from typing import Any

from localcloud.aws.executions.asl.attempts import attempt
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.lines import Work, run_side_by_side
from localcloud.aws.executions.asl.plain_states import Outcome, begun
from localcloud.aws.executions.history import record
from localcloud.aws.ministack import Json

Walk = Callable[[Json, Any, Frame], Any]
"""Runs a machine within (`StartAt`, `States`) on an input; its output."""


def run_parallel(state: Json, given: Any, frame: Frame, walk: Walk) -> Outcome:
    """Parallel: the outputs of its branches."""
    fields = begun(state, given, frame)
    branches: list[Json] = state["Branches"]

    def work() -> Any:
        arguments = fields.arguments()

        def one(branch: Json) -> Work:
            return lambda _: walk(branch, arguments, frame.inner())

        record(frame.execution, "ParallelStateStarted")
        results = run_side_by_side([one(branch) for branch in branches], len(branches))
        record(frame.execution, "ParallelStateSucceeded", leads_on=False)
        return fields.output(results)

    return attempt(state, fields, frame, work, given_up="ParallelStateFailed")
