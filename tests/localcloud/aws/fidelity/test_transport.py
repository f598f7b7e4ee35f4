"""Policies that require TLS, on an emulator without TLS."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import EmulatedAws, document, statement


@pytest.fixture
def topic(aws: EmulatedAws) -> str:
    """A topic whose policy requires TLS."""
    sns = aws.client("sns")
    arn: str = sns.create_topic(Name="only-over-tls")["TopicArn"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {**statement("sns:Publish", arn, "Deny"), "Principal": "*", "Condition": plain}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(deny))
    return arn


def test_calls_of_a_machine_count_as_tls(aws: EmulatedAws, topic: str) -> None:
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": topic, "Message": "done"},
        "End": True,
    }
    execution = aws.run(
        {"Publish": publish}, role_arn=aws.role("states", statement("sns:Publish", topic))
    )
    assert "MessageId" in json.loads(execution["output"])


def test_calls_of_a_function_count_as_tls(aws: EmulatedAws, topic: str) -> None:
    role = aws.role("lambda", statement("sns:Publish", topic))
    call = ["sns", "publish", {"TopicArn": topic, "Message": "done"}]
    assert aws.invoke(aws.function(role), {"call": call}) == {"status": 200}


def test_other_calls_do_not_count_as_tls(aws: EmulatedAws, topic: str) -> None:
    with pytest.raises(ClientError, match="AuthorizationError"):
        aws.client("sns").publish(TopicArn=topic, Message="done")
