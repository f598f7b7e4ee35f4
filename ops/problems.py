"""What stands between an operator and AWS, as one sentence with the fix."""

import os
import re

from botocore import exceptions as aws
from botocore.exceptions import ClientError

from components.iam.operator_calls import FOR_DEPLOYERS
from components.iam.operator_grants import CALLS

_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "RequestExpired",
}
"""Common errors of AWS's services about the credentials themselves."""

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "NotAuthorized",
}
_WHO_MAY_NOT = re.compile(
    r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w:-]+)"
    r"(?: on resource: (?P<resource>\S+))?"
)
_EXPIRED_ERRORS = (
    aws.SSOTokenLoadError,
    aws.UnauthorizedSSOTokenError,
    aws.TokenRetrievalError,
    aws.CredentialRetrievalError,
    aws.RefreshWithMFAUnsupportedError,
)
_UNREACHABLE = (aws.EndpointConnectionError, aws.ConnectTimeoutError, aws.ReadTimeoutError)


class OperatorError(Exception):
    """The operator can fix the cause; the message says what is wrong and what to do about it."""


def sentence(error: BaseException) -> str:
    """What is wrong and what to do about it."""
    if isinstance(error, aws.ProfileNotFound):
        return (
            f"AWS_PROFILE {_profile()} is in no AWS configuration file: `aws configure"
            " list-profiles` lists those there are; set AWS_PROFILE to one of them."
        )
    if isinstance(error, aws.NoCredentialsError | aws.PartialCredentialsError):
        return (
            "There are no AWS credentials: sign in and name the profile, `aws sso login --profile"
            " NAME`, `export AWS_PROFILE=NAME`."
        )
    if isinstance(error, _EXPIRED_ERRORS):
        return _expired()
    if isinstance(error, _UNREACHABLE):
        return f"AWS does not answer ({error}): look at the network, proxy and region, try again."
    if isinstance(error, ClientError):
        return _refused(error)
    return f"AWS failed: {error}"


def is_missing(error: ClientError) -> bool:
    """Whether a call failed because what it names does not exist."""
    code = error.response.get("Error", {}).get("Code", "")
    return any(word in code for word in ("NotFound", "DoesNotExist", "NonExistent", "NoSuch"))


def _refused(error: ClientError) -> str:
    details = error.response.get("Error", {})
    code, message = details.get("Code", ""), details.get("Message", "")
    if code in _EXPIRED:
        return _expired()
    if is_missing(error):
        return (
            f"AWS does not have what {error.operation_name} asks for ({message}): is the stack"
            " deployed to this account and region? python -m ops verify lists what is missing."
        )
    if code not in _DENIED:
        return f"AWS failed: {error}"
    found = _WHO_MAY_NOT.search(message)
    if found is None:
        return f"Profile {_profile()} may not call {error.operation_name}: {message}"
    resource = found["resource"] or "*"
    return (
        f"{found['who']} may not call {found['action']} on {resource.rstrip('.')}:"
        f" {_way_to(found['action'])}"
    )


def _way_to(action: str) -> str:
    if action == "sts:AssumeRole":
        return (
            "is this user in the stack's setting operators, and has the profile its mfa_serial? An"
            " operator's role asks for a second factor."
        )
    if action in FOR_DEPLOYERS:
        return f"{FOR_DEPLOYERS[action]}."
    for kind, commands in CALLS.items():
        if any(action == each for line in commands.values() for _, each in line):
            return f"use a profile with the role goal-mandala-STACK-operator-{kind}, which may."
    return "use a profile whose role may, or have that action granted to this one."


def _expired() -> str:
    return (
        f"The credentials of profile {_profile()} have expired or are not valid: `aws sso login"
        f" --profile {_profile()}`, then the same command again."
    )


def _profile() -> str:
    return os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
