"""The functions of the workflow, as the infrastructure deploys them."""

from dataclasses import dataclass
from typing import Literal

DependencySet = Literal["core", "database"]


@dataclass(frozen=True)
class FunctionSpec:
    """One Lambda function.

    name: as in the guide; the physical name is `goal-mandala-{env}-{name}`.
    module: entry module in `handlers`; its `handler` is the Lambda handler.
    dependencies: the zip that it runs from (`requirements/lambda-{dependencies}.txt`).
    timeout_seconds: shorter than the time-out of the state or gateway that calls the function.
    memory_mb: memory, which also sets the share of a processor.
    """

    name: str
    module: str
    dependencies: DependencySet
    timeout_seconds: int
    memory_mb: int = 512

    @property
    def handler(self) -> str:
        """Lambda's handler string."""
        return f"handlers.{self.module}.handler"


WORKFLOW_START = FunctionSpec("workflow-start", "workflow_start", "database", 25)
WORKFLOW_STATUS = FunctionSpec("workflow-status", "workflow_status", "core", 10)
WORKFLOW_CANCEL = FunctionSpec("workflow-cancel", "workflow_cancel", "database", 25)
WORKFLOW_PREPARE = FunctionSpec("workflow-prepare", "workflow_prepare", "database", 60)
TASK_GENERATION = FunctionSpec("task-generation", "task_generation", "core", 120, 1024)
WORKFLOW_SAVE_BATCH = FunctionSpec("workflow-save-batch", "workflow_save_batch", "database", 280)
WORKFLOW_FINISH = FunctionSpec("workflow-finish", "workflow_finish", "database", 60)
WORKFLOW_RECONCILE = FunctionSpec("workflow-reconcile", "workflow_reconcile", "database", 240)
WORKFLOW_ARCHIVE = FunctionSpec("workflow-archive", "workflow_archive", "core", 900)
SLACK_NOTIFIER = FunctionSpec("slack-notifier", "slack_notifier", "core", 60)

FUNCTIONS: tuple[FunctionSpec, ...] = (
    WORKFLOW_START,
    WORKFLOW_STATUS,
    WORKFLOW_CANCEL,
    WORKFLOW_PREPARE,
    TASK_GENERATION,
    WORKFLOW_SAVE_BATCH,
    WORKFLOW_FINISH,
    WORKFLOW_RECONCILE,
    WORKFLOW_ARCHIVE,
    SLACK_NOTIFIER,
)
