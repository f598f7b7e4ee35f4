"""Every error that the service models list for the calls made here is retried or permanent."""

import botocore.session
import pytest
from botocore.exceptions import ClientError

from handlers.contract.errors import THROTTLED_ERRORS, TRANSIENT_ERRORS
from handlers.executions.state_machine import StateMachine, StateMachineUnavailableError
from handlers.storage.errors import ConditionFailedError, TableUnavailableError
from handlers.storage.items import known_errors
from tests.handlers.world import new_client
from tests.shared_inputs import shared_input

LAMBDA = "Lambda."
# Errors until a person changes something: the request, the function, its network, key or quota.
INVOKE_PERMANENT = {
    "CodeArtifactUserFailedException",
    "DurableExecutionAlreadyStartedException",
    "EC2AccessDeniedException",
    "EFSIOException",
    "EFSMountFailureException",
    "ENILimitReachedException",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "ModeNotSupportedException",
    "NoPublishedVersionException",
    "RecursiveInvocationException",
    "RequestTooLargeException",
    "ResourceNotFoundException",
    "S3FilesMountFailureException",
    "SerializedRequestEntityTooLargeException",
    "ServiceQuotaExceededException",
    "SnapStartException",
    "SubnetIPAddressLimitReachedException",
    "UnsupportedMediaTypeException",
}
TABLE_PERMANENT = {
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "ResourceNotFoundException",
}
MACHINE_PERMANENT = {
    "InvalidArn",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "ValidationException",
}


def errors(service: str, *operations: str) -> list[str]:
    """The errors that a service's model lists for its operations."""
    model = botocore.session.get_session().get_service_model(service)
    names = {s.name for each in operations for s in model.operation_model(each).error_shapes}
    return sorted(names)


def failed(code: str) -> ClientError:
    """The error as boto3 raises it; all that the models call a server's fault come with 5xx."""
    status = 500 if code == "InternalServerError" else 400
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # pyright: ignore[reportArgumentType]
        "Operation",
    )


def test_every_error_of_lambdas_invoke_is_retried_or_permanent() -> None:
    retried = {
        name.removeprefix(LAMBDA)
        for name in (*THROTTLED_ERRORS, *TRANSIENT_ERRORS)
        if name.startswith(LAMBDA)
    }
    listed = set(errors("lambda", "Invoke"))
    assert len(listed) > 30
    assert listed - retried == INVOKE_PERMANENT
    not_of_invoke = {  # Step Functions' own (its Developer Guide)
        "AWSLambdaException",
        "ClientExecutionTimeoutException",
        "SdkClientException",
        "Unknown",
    }
    assert retried - listed == not_of_invoke


def test_lambdas_throttling_is_retried_like_the_models() -> None:
    assert f"{LAMBDA}TooManyRequestsException" in THROTTLED_ERRORS


def test_the_errors_that_were_reported_are_retried() -> None:
    reported = shared_input("reports/02-sfn-lambda-errors/error-names.txt")
    assert set(reported.read_text(encoding="utf-8").split()) <= set(TRANSIENT_ERRORS)


@pytest.mark.parametrize(
    "code",
    errors("dynamodb", "GetItem", "PutItem", "UpdateItem", "Query", "TransactWriteItems"),
)
def test_every_error_of_the_tables_calls_is_an_outage_a_condition_or_permanent(code: str) -> None:
    expected: type[Exception] = TableUnavailableError
    if code == "ConditionalCheckFailedException":
        expected = ConditionFailedError
    elif code in TABLE_PERMANENT:
        expected = ClientError
    with pytest.raises(expected) as raised, known_errors():
        raise failed(code)
    assert type(raised.value) is expected


@pytest.mark.parametrize("code", errors("stepfunctions", "DescribeExecution", "StopExecution"))
def test_every_error_of_the_state_machines_calls_is_none_an_outage_or_permanent(code: str) -> None:
    client = new_client("stepfunctions")
    machine = StateMachine(client, "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m")

    def refuse(**_: object) -> None:
        raise client.exceptions.from_code(code)(failed(code).response, "Operation")

    client.meta.events.register("before-send.stepfunctions", refuse)
    if code == "ExecutionDoesNotExist":
        assert machine.status("execution-1") is None
        return
    expected = ClientError if code in MACHINE_PERMANENT else StateMachineUnavailableError
    with pytest.raises(expected):
        machine.status("execution-1")
    with pytest.raises(expected):
        machine.stop("execution-1", error="e", cause="c")
