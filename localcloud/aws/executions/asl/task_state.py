"""A Task state: what it hands to its resource, and how long it waits."""

from typing import Any
from uuid import uuid4

from localcloud.aws.executions import tasks
from localcloud.aws.executions.asl.attempts import attempt
from localcloud.aws.executions.asl.frame import Frame
from localcloud.aws.executions.asl.plain_states import Outcome, begun
from localcloud.aws.ministack import Json


def run_task(state: Json, given: Any, frame: Frame) -> Outcome:
    """Task: its resource's result, in as many attempts as its retriers allow."""
    fields = begun(state, given, frame)
    resource: str = state["Resource"]
    if resource.endswith(".waitForTaskToken"):
        frame.context["Task"] = {"Token": str(uuid4())}

    def work() -> Any:
        task = tasks.Task(
            resource,
            fields.arguments(),
            timeout_seconds=fields.number("TimeoutSeconds"),
            heartbeat_seconds=fields.number("HeartbeatSeconds"),
            role_arn=fields.role_arn(),
            token=frame.context.get("Task", {}).get("Token"),
        )
        return fields.output(tasks.run(task))

    try:
        return attempt(state, fields, frame, work)
    finally:
        frame.context.pop("Task", None)
