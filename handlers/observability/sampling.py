"""Which executions are traced to their end: so many in a hundred of those that Lambda traces.

There is no X-Ray on an HTTP API, so a trace begins in the function that starts the execution, and
Lambda's own sampling cannot be set (the first invocation of a second, and 5 % of the others: AWS
Lambda Developer Guide, "Visualize Lambda function invocations using AWS X-Ray"). Whoever is called
keeps to the decision of who calls (X-Ray Developer Guide, "Configuring sampling rules").
"""

from uuid import UUID

_RANDOM_BITS = 62
"""At the end of a UUIDv7."""


def trace_header(header: str, execution_id: str, *, traced_percent: float) -> str:
    """The header that an execution's trace goes on with; for the same execution always the same."""
    share = 100 * (UUID(execution_id).int & (1 << _RANDOM_BITS) - 1) / (1 << _RANDOM_BITS)
    return header if share < traced_percent else header.replace("Sampled=1", "Sampled=0")
