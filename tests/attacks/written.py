"""What a function may write: lines of its own, with names of its own."""

from typing import Any

from handlers.contract.metric_names import NAMESPACE, SECOND_DIMENSION, MetricName
from tests.attacks.attack import CANARY

LEVELS = {"INFO", "WARNING", "ERROR"}
KEYS = {
    "actionId", "coerced", "cold_start", "correlation_id", "costUsd", "detail", "durationMs",
    "error", "errorCode", "executionId", "function_arn", "function_memory_size", "function_name",
    "function_request_id", "goalId", "inputTokens", "latencyMs", "level", "location", "message",
    "outputTokens", "problems", "requestId", "service", "stopReason", "taskCount", "timestamp",
    "verdict", "xray_trace_id",
}  # fmt: skip
MESSAGES = {
    "answer coerced",
    "attempt failed",
    "model answered",
    "repairing the answer",
    "tasks kept",
}
DIMENSIONS = {"environment", *(dimension.value for dimension in SECOND_DIMENSION.values())}


def assert_is_ours(line: dict[str, Any]) -> None:
    """A log line or a metric that the function's code has written, without goal text."""
    assert CANARY not in str(line)
    if "_aws" in line:
        [group] = line["_aws"]["CloudWatchMetrics"]
        assert group["Namespace"] == NAMESPACE
        assert {metric["Name"] for metric in group["Metrics"]} <= set(MetricName)
        assert {name for names in group["Dimensions"] for name in names} <= DIMENSIONS
        for metric in group["Metrics"]:
            assert all(value >= 0 for value in line[metric["Name"]])
    else:
        assert line["level"] in LEVELS
        assert line["message"] in MESSAGES
        assert set(line) <= KEYS
