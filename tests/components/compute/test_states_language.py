"""What the machine's own calls retry, held against the models of the services that it calls."""

import botocore.session
import pytest

from components.compute.states_language import DYNAMODB_TRANSIENT, SNS_TRANSIENT

PERMANENT = {
    "UpdateItem": {
        "ConditionalCheckFailed",
        "ItemCollectionSizeLimitExceeded",
        "ResourceNotFound",
    },
    "Publish": {
        "AuthorizationError",
        "EndpointDisabled",
        "InvalidParameter",
        "InvalidParameterValue",
        "InvalidSecurity",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "KMSOptInRequired",
        "NotFound",
        "PlatformApplicationDisabled",
        "Validation",
    },
}


def plain(name: str) -> str:
    """An error's name without what Step Functions spells differently (SNS.KmsThrottling...)."""
    return name.rpartition(".")[2].removesuffix("Exception").casefold()


@pytest.mark.parametrize(
    ("service", "operation", "retried"),
    [("dynamodb", "UpdateItem", DYNAMODB_TRANSIENT), ("sns", "Publish", SNS_TRANSIENT)],
)
def test_every_error_of_a_call_is_retried_or_permanent(
    service: str, operation: str, retried: tuple[str, ...]
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    listed = {plain(shape.name) for shape in model.operation_model(operation).error_shapes}
    assert listed - set(map(plain, retried)) == set(map(plain, PERMANENT[operation]))
