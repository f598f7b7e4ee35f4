"""A function's process that dies as it starts costs its own invocation and no other.

MiniStack ends all processes of the function then, also those at work. On AWS each execution
environment is its own, and the invocation fails with Runtime.ExitError.
"""

from typing import Any

from localcloud.aws import traces
from localcloud.aws.ministack import lambda_runtime

_invoke = lambda_runtime.ProvidedWorker.invoke


def invoke(worker: Any, event: Any, request_id: str, **keywords: Any) -> dict[str, Any]:
    """One invocation (replaces MiniStack's `ProvidedWorker.invoke`); a failed start is a result."""
    trace = traces.invocation(worker.config)
    try:
        result = _invoke(worker, event, request_id, **{**keywords, "trace_id": trace.header})
    except RuntimeError as error:
        name = getattr(error, "error_type", "") or "Runtime.ExitError"
        payload = {"errorMessage": str(error), "errorType": name}
        result = {"status": "error", "error": str(error), "error_payload": payload, "log": ""}
    trace.end(request_id, failed=result["status"] == "error")
    return result
