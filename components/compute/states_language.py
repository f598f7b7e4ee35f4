"""Building blocks of Amazon States Language: retriers, and what a task keeps of an error."""

from collections.abc import Sequence
from typing import Any

from components.settings import RetrySettings

State = dict[str, Any]

_MAX_DELAY_SECONDS = 60

DYNAMODB_TRANSIENT = (
    "DynamoDB.InternalServerErrorException",
    "DynamoDB.ProvisionedThroughputExceededException",
    "DynamoDB.ReplicatedWriteConflictException",
    "DynamoDB.RequestLimitExceededException",
    "DynamoDB.SdkClientException",
    "DynamoDB.ThrottlingException",
    "DynamoDB.TransactionConflictException",
    "States.Timeout",
)
SNS_TRANSIENT = (
    "SNS.InternalErrorException",
    "SNS.KmsThrottlingException",
    "SNS.SdkClientException",
    "SNS.ThrottledException",
    "States.Timeout",
)


def catch(following: str, *kept: str) -> State:
    """Catch every error; keep the named fields of the input, and the error's name.

    The error's cause is dropped: it may quote a user's text.
    """
    output = {name: f"{{% $states.input.{name} %}}" for name in kept}
    output["error"] = "{% $states.errorOutput.Error %}"
    return {"ErrorEquals": ["States.ALL"], "Output": output, "Next": following}


def retrier(errors: Sequence[str], retry: RetrySettings) -> State:
    """Retry named errors, with full jitter and a cap."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": retry.interval_seconds,
        "MaxAttempts": retry.max_attempts,
        "BackoffRate": retry.backoff_rate,
        "MaxDelaySeconds": _MAX_DELAY_SECONDS,
        "JitterStrategy": "FULL",
    }
