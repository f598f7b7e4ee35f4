"""Carry a remedy out, and read back whether it helped."""

from handlers.contract.statuses import ExecutionStatus
from ops.audit import record
from ops.doctor.remedies import Kind, Remedy
from ops.executions import acting
from ops.executions.reading import machine_execution, record_of
from ops.problems import OperatorError
from ops.stack import Stack

_CAUSE = "python -m ops doctor: runs for longer than workflowTimeout"


def carry_out(stack: Stack, remedy: Remedy) -> tuple[str, str]:
    """What was found afterwards, and the audit line. Raises OperatorError if it did not help."""
    audit = record(stack, f"doctor: {remedy.kind} execution {remedy.target}", remedy.why)
    match remedy.kind:
        case Kind.RETRY:
            started = acting.retry(stack, remedy.target)
            return f"started {started}: {record_of(stack, started).status}", audit
        case Kind.STOP:
            acting.stop(stack, remedy.target, _CAUSE)
            machine = machine_execution(stack, record_of(stack, remedy.target).execution_arn)
            if machine and machine["status"] == "RUNNING":
                raise OperatorError(f"execution {remedy.target} still runs after StopExecution")
            return f"stopped {remedy.target}: its end frees goal {remedy.goal_id}", audit
        case Kind.RELEASE:
            acting.reconcile(stack)
            status = record_of(stack, remedy.target).status
            if status == ExecutionStatus.RUNNING:
                raise OperatorError(
                    f"execution {remedy.target} is still open after a sweep: python -m ops logs"
                    " workflow-reconcile --level ERROR"
                )
            return f"ended {remedy.target} ({status}): goal {remedy.goal_id} is free", audit
