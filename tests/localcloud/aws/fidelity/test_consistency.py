"""What was only just made does not count yet, on an emulator that is told to lag."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import EmulatedAws, document, emulated_aws, package, statement

LAG_SECONDS = 2.0
QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:any"


@pytest.fixture(scope="module")
def slow_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """An emulator on which changes take their time."""
    with emulated_aws(tmp_path_factory.mktemp("lagging"), lag_seconds=LAG_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def settled_role(slow_aws: EmulatedAws) -> str:
    """The ARN of a role that has been there for long enough."""
    role = slow_aws.role("lambda", statement("sqs:*", "*"))
    time.sleep(LAG_SECONDS)
    return role


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    response: Any = refused.value.response
    return response["Error"]["Code"], response["Error"]["Message"]


def create(aws: EmulatedAws, role_arn: str, **more: Any) -> str:
    """The name of a new function."""
    name = f"function-{uuid4().hex[:8]}"
    aws.functions.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="app.handler",
        Role=role_arn,
        Code={"ZipFile": package("def handler(event, context):\n    return 'ran'\n")},
        **more,
    )
    return name


def test_a_function_cannot_assume_a_new_role_at_once(slow_aws: EmulatedAws) -> None:
    role = slow_aws.role("lambda")
    code, message = refusal(lambda: create(slow_aws, role))
    assert code == "InvalidParameterValueException"
    assert message == "The role defined for the function cannot be assumed by Lambda."
    time.sleep(LAG_SECONDS)
    create(slow_aws, role)


def test_a_machine_cannot_assume_a_new_role_at_once(slow_aws: EmulatedAws) -> None:
    role = slow_aws.role("states")
    done = {"Done": {"Type": "Succeed"}}
    code, message = refusal(lambda: slow_aws.machine(done, role_arn=role))
    assert code == "AccessDeniedException"
    assert "is authorized to assume the provided role" in message
    time.sleep(LAG_SECONDS)
    slow_aws.machine(done, role_arn=role)


def test_a_changed_trust_policy_counts_as_new(slow_aws: EmulatedAws, settled_role: str) -> None:
    slow_aws.client("iam").update_assume_role_policy(
        RoleName=settled_role.rpartition("/")[2],
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                },
            }
        ),
    )
    code, _ = refusal(lambda: create(slow_aws, settled_role))
    assert code == "InvalidParameterValueException"
    time.sleep(LAG_SECONDS)


def test_a_changed_policy_does_not_count_at_once(slow_aws: EmulatedAws, settled_role: str) -> None:
    function = create(slow_aws, settled_role)
    slow_aws.client("iam").put_role_policy(
        RoleName=settled_role.rpartition("/")[2],
        PolicyName="more",
        PolicyDocument=document(statement("sqs:SendMessage", "*")),
    )

    def put() -> None:
        slow_aws.functions.put_function_event_invoke_config(
            FunctionName=function, DestinationConfig={"OnFailure": {"Destination": QUEUE}}
        )

    code, message = refusal(put)
    assert code == "InvalidParameterValueException"
    assert "does not have permissions to call SendMessage" in message
    time.sleep(LAG_SECONDS)
    put()


def test_a_new_alias_does_not_open_a_functions_environment_at_once(slow_aws: EmulatedAws) -> None:
    kms, alias = slow_aws.client("kms"), f"alias/{uuid4().hex[:8]}"
    key = kms.create_key()["KeyMetadata"]
    by_alias = {
        **statement("kms:Decrypt", "*"),
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
    }
    role = slow_aws.role("lambda", by_alias)
    time.sleep(LAG_SECONDS)
    function = create(slow_aws, role, KMSKeyArn=key["Arn"])
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    assert slow_aws.invoke(function, {})["errorType"] == "KMSAccessDeniedException"
    time.sleep(LAG_SECONDS)
    assert slow_aws.invoke(function, {}) == "ran"


def test_a_new_alias_does_not_allow_a_call_on_its_key_at_once(slow_aws: EmulatedAws) -> None:
    kms, alias = slow_aws.client("kms"), f"alias/{uuid4().hex[:8]}"
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    user = f"user-{uuid4().hex[:8]}"
    iam = slow_aws.client("iam")
    iam.create_user(UserName=user)
    allowed = {**statement("kms:DescribeKey", "*"), "Condition": condition}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document(allowed))
    access = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = slow_aws.client(
        "kms",
        aws_access_key_id=access["AccessKeyId"],
        aws_secret_access_key=access["SecretAccessKey"],
    )
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    code, _ = refusal(lambda: theirs.describe_key(KeyId=key))
    assert code == "AccessDeniedException"
    time.sleep(LAG_SECONDS)
    assert theirs.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key


def test_without_a_lag_all_of_it_counts_at_once(aws: EmulatedAws) -> None:
    create(aws, aws.role("lambda"))
    aws.machine({"Done": {"Type": "Succeed"}}, role_arn=aws.role("states"))
