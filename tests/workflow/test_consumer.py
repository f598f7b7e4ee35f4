"""examples/consumer on Pulumi's engine, next to the running workflow."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from declared.program import ROOT
from localcloud.aws.clients import ACCOUNT_ID, root_client
from localcloud.cluster.users import DEMO_USER, OTHER_USER
from localcloud.database.mandala import place_goal
from localcloud.pulumi_cli import EngineStack, NoEngineError, ProviderTarget, pulumi_engine
from tests.workflow.stage import Stage, small_goal

pytestmark = pytest.mark.soak  # tests/engine creates it in every run

EXPORTING = """
import json
from pathlib import Path
import pulumi

for name, value in json.loads(Path(__file__).with_name("exports.json").read_text()).items():
    pulumi.export(name, value)
"""
TIMEOUT_SECONDS = 60
ROLE = "goal-news-local-starter-role"


@dataclass(frozen=True)
class Consumer:
    """The consumer's stack, and the number of resources created."""

    stack: EngineStack
    created: int
    stage: Stage

    def client(self, service: str) -> Any:
        """A client with root's credentials."""
        return self.stage.state.client(service)

    def start(self, goal_id: str) -> dict[str, Any]:
        """Start an execution with the consumer's function; returns its answer."""
        answer = self.client("lambda").invoke(
            FunctionName=self.stack.outputs()["starterArn"],
            Payload=json.dumps({"goalId": goal_id}).encode(),
        )
        result = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result


@pytest.fixture(scope="module")
def consumer(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consumer]:
    """The consumer's stack `local`, which reads the running workflow's exports."""
    state = stage.state
    folder = tmp_path_factory.mktemp("consumer")
    (folder / "__main__.py").write_text(EXPORTING)
    (folder / "Pulumi.yaml").write_text("name: goal-mandala\nruntime: python\n")
    (folder / "exports.json").write_text(json.dumps(state.exports))
    target = ProviderTarget(
        ACCOUNT_ID, state.endpoint, state.model_server_url, str(folder / "packages")
    )
    owner = state.users[DEMO_USER]
    try:
        with pulumi_engine(target) as engine:
            engine.stack(folder, "local", {}).up()
            stack = engine.stack(
                ROOT / "examples" / "consumer",
                "local",
                {"userEmail": owner.email},
                {"userPassword": owner.password},
            )
            try:
                yield Consumer(stack, stack.up().count("create"), stage)
            finally:
                if stack.outputs():  # no test has destroyed it
                    stack.destroy()
    except NoEngineError as error:
        pytest.skip(f"the consumer is not tested: {error}")


def test_the_consumer_is_created_and_a_second_preview_has_no_changes(consumer: Consumer) -> None:
    assert consumer.created > 15
    again = consumer.stack.preview()
    assert set(again.operations.values()) == {"read"}  # the workflow's exports


def _message_of(consumer: Consumer, execution_id: str) -> dict[str, Any]:
    url = consumer.stack.outputs()["endingsQueueUrl"]
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        received = consumer.client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in received.get("Messages", []):
            body = json.loads(message["Body"])
            if execution_id in message["Body"]:
                return body
    pytest.fail(f"no message about {execution_id}")


def test_the_consumer_starts_its_users_goal_and_receives_the_ending(consumer: Consumer) -> None:
    stage = consumer.stage
    stage.configure_model()
    own = stage.place(small_goal("自分の目標"))
    answer = consumer.start(own.goal_id)
    assert answer["status"] == 202
    execution_id = answer["body"]["executionId"]
    assert _message_of(consumer, execution_id)["executionId"] == execution_id


def test_the_consumer_cannot_start_another_users_goal(consumer: Consumer) -> None:
    stage = consumer.stage
    others = place_goal(stage.conn, stage.state.users[OTHER_USER].id, small_goal("他人の目標"))
    refused = consumer.start(others.goal_id)
    assert refused["status"] == 404
    assert refused["body"]["error"]["code"] == "NOT_FOUND"


@pytest.fixture
def as_its_role(consumer: Consumer) -> Any:
    """Makes clients with the credentials of the consumer's role."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"
    given = consumer.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]

    def client(service: str) -> Any:
        root: Any = root_client(service, consumer.stage.state.endpoint)
        make: Any = boto3.client  # pyright: ignore
        return make(
            service,
            endpoint_url=root.meta.endpoint_url,
            region_name=root.meta.region_name,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            config=root.meta.config,
        )

    return client


def test_the_consumers_role_has_no_access_to_the_workflow_but_the_api(
    consumer: Consumer, as_its_role: Any
) -> None:
    exports = consumer.stage.state.exports
    attempts = {
        "states:StartExecution": lambda: as_its_role("stepfunctions").start_execution(
            stateMachineArn=exports["stateMachineArn"], input="{}"
        ),
        "lambda:InvokeFunction": lambda: as_its_role("lambda").invoke(
            FunctionName=exports["functionArns"]["workflow-start"], Payload=b"{}"
        ),
        "dynamodb:Query": lambda: as_its_role("dynamodb").query(
            TableName=exports["tableName"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "x"}},
        ),
        "sns:Publish": lambda: as_its_role("sns").publish(
            TopicArn=exports["notificationsTopicArn"], Message="{}"
        ),
        "secretsmanager:GetSecretValue": lambda: as_its_role("secretsmanager").get_secret_value(
            SecretId="goal-mandala-local-database-url"
        ),
    }
    for action, attempt in attempts.items():
        consumer.stage.expected_refusals.add((ROLE, action))
        with pytest.raises(ClientError) as refused:
            attempt()
        code = refused.value.response.get("Error", {}).get("Code", "")
        assert code.startswith("AccessDenied") or code == "AuthorizationError", action  # SNS's code
    own = as_its_role("secretsmanager").get_secret_value(SecretId="goal-news-local-user")
    assert json.loads(own["SecretString"])["email"].endswith("@example.com")


def test_the_consumer_has_an_alarm_of_its_own_on_the_machine(consumer: Consumer) -> None:
    name = "goal-news-local-workflow-failed"
    (own,) = consumer.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    machine = consumer.stage.state.state_machine_arn.removesuffix(":live")
    assert own["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine}]
    topic = f"arn:aws:sns:ap-northeast-1:{ACCOUNT_ID}:goal-news-local-alerts"
    assert own["AlarmActions"] == [topic]


def test_destroying_the_consumer_leaves_the_workflow(consumer: Consumer) -> None:
    topic = consumer.stage.state.notifications_topic_arn

    def subscribed() -> list[str]:
        found = consumer.client("sns").list_subscriptions_by_topic(TopicArn=topic)
        return [
            each["Endpoint"] for each in found["Subscriptions"] if "goal-news" in each["Endpoint"]
        ]

    assert subscribed()
    outcome = consumer.stack.destroy()
    assert outcome.count("delete") >= consumer.created - 1
    assert not subscribed()
    queues = consumer.client("sqs").list_queues(QueueNamePrefix="goal-news").get("QueueUrls", [])
    assert queues == []
    consumer.client("sns").get_topic_attributes(TopicArn=topic)
