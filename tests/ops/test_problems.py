"""Between an operator and AWS: each obstacle is one sentence with the fix."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from ops.problems import OperatorError, sentence
from ops.stack import open_aws_stack


@pytest.fixture(autouse=True)
def _profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "night")
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID"):
        monkeypatch.delenv(name, raising=False)


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeTable")


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (aws.ProfileNotFound(profile="night"), "AWS_PROFILE night is in no AWS configuration"),
        (aws.NoCredentialsError(), "export AWS_PROFILE=NAME"),
        (aws.SSOTokenLoadError(error_msg="gone"), "aws sso login --profile night"),
        (aws.UnauthorizedSSOTokenError(), "aws sso login --profile night"),
        (refused("ExpiredTokenException", "The token is expired"), "aws sso login --profile night"),
        (refused("InvalidClientTokenId", "invalid"), "have expired or are not valid"),
        (
            refused(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/look/me is not authorized to"
                " perform: dynamodb:DescribeTable on resource: arn:aws:dynamodb:a:1:table/T"
                " because no identity-based policy allows the dynamodb:DescribeTable action",
            ),
            "assumed-role/look/me may not call dynamodb:DescribeTable on arn:aws:dynamodb:a:1:",
        ),
        (
            refused(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/act/me is not authorized to"
                " perform: lambda:UpdateFunctionConfiguration on resource: arn:aws:lambda:a:1:f",
            ),
            "`tune memory` is for a profile that may deploy the stack.",
        ),
        (refused("AccessDenied", "no"), "Profile night may not call DescribeTable: no"),
        (aws.EndpointConnectionError(endpoint_url="https://x"), "network, proxy and region"),
        (refused("ResourceNotFoundException", "no table T"), "is the stack deployed to this"),
        (refused("ThrottlingException", "slow"), "AWS failed: "),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_obstacle_is_one_sentence_with_the_fix(error: Exception, fix: str) -> None:
    text = sentence(error)
    assert fix in text
    assert "\n" not in text


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | Exception], None]:
    """Makes STS answer with an account, or raise."""

    class Session:
        def __init__(self, answer: str | Exception) -> None:
            self._answer = answer

        def client(self, _service: str) -> "Session":
            return self

        def get_caller_identity(self) -> dict[str, Any]:
            if isinstance(self._answer, Exception):
                raise self._answer
            return {"Account": self._answer}

    def answers(answer: str | Exception) -> None:
        def session(**_options: str) -> Session:
            return Session(answer)

        monkeypatch.setattr(boto3, "Session", session)

    return answers


def test_another_accounts_credentials_are_refused(
    caller: Callable[[str | Exception], None],
) -> None:
    caller("999999999999")
    with pytest.raises(OperatorError, match=r"account 999999999999, but .* dev is 123456789012"):
        open_aws_stack("dev")


def test_expired_credentials_are_refused_with_the_command_that_renews_them(
    caller: Callable[[str | Exception], None],
) -> None:
    caller(refused("ExpiredToken", "expired"))
    with pytest.raises(OperatorError, match="aws sso login --profile night"):
        open_aws_stack("dev")


def test_another_region_in_the_environment_is_refused(
    caller: Callable[[str | Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller("123456789012")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(OperatorError, match="AWS_REGION = us-east-1, but aws:region of stack dev"):
        open_aws_stack("dev")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    assert open_aws_stack("dev").names.environment == "dev"
