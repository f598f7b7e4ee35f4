"""The share of executions that are traced to their end, of those that Lambda traces.

An HTTP API has no X-Ray, so a trace begins in the function that starts the execution. Lambda's own
sampling cannot be set: it traces the first invocation of each second and 5 % of the others (AWS
Lambda Developer Guide, "Visualize Lambda function invocations using AWS X-Ray"). A service that is
called follows its caller's decision (X-Ray Developer Guide, "Configuring sampling rules").
"""

from uuid import UUID

_RANDOM_BITS = 62
"""The random bits at the end of a UUIDv7."""


def trace_header(header: str, execution_id: str, *, traced_percent: float) -> str:
    """The trace header for an execution; the decision for the same execution is always the same."""
    share = 100 * (UUID(execution_id).int & (1 << _RANDOM_BITS) - 1) / (1 << _RANDOM_BITS)
    return header if share < traced_percent else header.replace("Sampled=1", "Sampled=0")
