"""What a stack of the task-generation workflow exports, typed, for other Pulumi programs."""

from workflow_exports._exports import EXPORTS_VERSION, WorkflowExports, WorkflowExportsError

__all__ = ["EXPORTS_VERSION", "WorkflowExports", "WorkflowExportsError"]
