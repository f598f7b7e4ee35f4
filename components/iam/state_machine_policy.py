"""What the state machine may do: its four functions, one update, one topic, its log and traces."""

from components.iam import grants
from components.iam.documents import Statement, allow
from components.names import Names
from handlers.contract.functions import (
    TASK_GENERATION,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_SAVE_BATCH,
)

_INVOKED = (WORKFLOW_PREPARE, TASK_GENERATION, WORKFLOW_SAVE_BATCH, WORKFLOW_FINISH)


def state_machine_policy(names: Names) -> list[Statement]:
    """The role's statements."""
    return [
        allow(["lambda:InvokeFunction"], [names.function_alias_arn(spec) for spec in _INVOKED]),
        *grants.use_table(names, "UpdateItem"),
        *grants.publish(names, names.notifications_topic),
        grants.deliver_logs(),
        grants.write_log(names, names.state_machine_log_group),
        grants.trace_executions(),
    ]
