"""What AWS does and the emulator does not, so that a green run proves nothing about it.

Each test passes as long as the gap is there. When one fails, an upgrade has closed the gap: invert
the test, and move its line in docs/embedded-cloud.md to what a green run proves.
"""

import json
import time
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import EmulatedAws, lines, package, statement, wait_until

ITEM = {"pk": {"S": "a"}, "sk": {"S": "b"}}


def test_kms_permissions_are_not_checked(aws: EmulatedAws) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    table = aws.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    topic = aws.client("sns").create_topic(Name="secret", Attributes={"KmsMasterKeyId": key})
    role = aws.role("lambda", statement(["dynamodb:PutItem", "sns:Publish"], "*"))
    function = aws.function(role)
    put = ("dynamodb", "put_item", {"TableName": table, "Item": ITEM})
    publish = ("sns", "publish", {"TopicArn": topic["TopicArn"], "Message": "m"})

    for call in (put, publish):
        assert aws.invoke(function, {"call": call}) == {"status": 200}


def test_a_table_works_with_a_disabled_key(aws: EmulatedAws) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    table = aws.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    kms.disable_key(KeyId=key)

    aws.tables.put_item(TableName=table, Item=ITEM)


def test_rules_and_topics_invoke_a_function_without_a_permission(aws: EmulatedAws) -> None:
    log = aws.log()
    source = f"def handler(event, context): open({str(log)!r}, 'a').write('1\\n')"
    function = aws.function(aws.role("lambda"), source=source)
    events, sns = aws.client("events"), aws.client("sns")
    events.put_rule(Name="unpermitted", EventPattern='{"source": ["test.unpermitted"]}')
    events.put_targets(Rule="unpermitted", Targets=[{"Id": "1", "Arn": function}])
    topic = sns.create_topic(Name="unpermitted")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)

    entry = {"Source": "test.unpermitted", "DetailType": "d", "Detail": "{}"}
    events.put_events(Entries=[entry])
    sns.publish(TopicArn=topic, Message="m")

    wait_until(lambda: len(lines(log)) == 2)


def test_an_event_source_mapping_needs_no_permission_and_ignores_the_batching_window(
    aws: EmulatedAws,
) -> None:
    log = aws.log()
    source = f"def handler(event, context): open({str(log)!r}, 'a').write('1\\n')"
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="unreadable")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    aws.functions.create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName=aws.function(aws.role("lambda"), source=source),
        BatchSize=100,
        MaximumBatchingWindowInSeconds=300,
    )

    wait_until(lambda: len(lines(log)) == 1)


def test_an_api_invokes_a_function_without_a_permission_and_without_throttling(
    aws: EmulatedAws,
) -> None:
    gateway = aws.client("apigatewayv2")
    source = "def handler(event, context): return {'statusCode': 200, 'body': 'called'}"
    function = aws.function(aws.role("lambda"), source=source)
    api = gateway.create_api(Name="unpermitted", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="GET /status", Target=f"integrations/{integration}")
    throttle = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1.0}
    gateway.create_stage(
        ApiId=api, StageName="$default", AutoDeploy=True, DefaultRouteSettings=throttle
    )
    url = f"{aws.emulator.url}/_aws/execute-api/{api}/status"

    for _ in range(5):
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert answer.read() == b"called"


def test_health_of_an_api_addressed_by_host_is_the_emulators(
    aws: EmulatedAws,
) -> None:
    api = aws.client("apigatewayv2").create_api(Name="healthless", ProtocolType="HTTP")["ApiId"]
    by_host = urllib.request.Request(
        f"{aws.emulator.url}/health", headers={"Host": f"{api}.execute-api.localhost"}
    )

    with urllib.request.urlopen(by_host, timeout=20) as answer:
        assert "services" in json.loads(answer.read())


def test_limits_of_lambda_on_name_environment_payload_and_memory_are_not_enforced(
    aws: EmulatedAws,
) -> None:
    created = aws.functions.create_function(
        FunctionName="f" * 65,
        Runtime="provided.al2023",
        Handler="app.handler",
        Role=aws.role("lambda"),
        Code={"ZipFile": package("def handler(e, c): return len(bytearray(200 << 20))")},
        Environment={"Variables": {"LARGE": "x" * 5000}},
        MemorySize=128,
    )

    assert aws.invoke(created["FunctionArn"], {}) == 200 << 20
    assert len(aws.invoke(aws.worker, {"size": 7_000_000})) == 7_000_000


def test_a_function_can_have_a_role_that_does_not_trust_lambda(aws: EmulatedAws) -> None:
    assert aws.function(aws.role("states"))


def test_the_invoked_function_arn_is_that_of_the_version_and_not_of_the_alias(
    aws: EmulatedAws,
) -> None:
    function = aws.function(aws.role("lambda"))
    version = aws.functions.publish_version(FunctionName=function)["Version"]
    live = aws.functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    task = {"Type": "Task", "Resource": live["AliasArn"], "End": True}

    invoked = json.loads(aws.run({"Work": task})["output"])["arn"]

    assert invoked == f"{function}:{version}"


def test_an_event_is_delivered_once_and_never_retried(
    aws: EmulatedAws,
) -> None:
    log = aws.log()
    events = aws.client("events")
    events.put_rule(Name="failing", EventPattern='{"source": ["test.failing"]}')
    failing = json.dumps({"log": str(log), "raise": "Broken"})
    target = {"Id": "1", "Arn": aws.worker, "Input": failing}
    events.put_targets(Rule="failing", Targets=[target])

    events.put_events(Entries=[{"Source": "test.failing", "DetailType": "d", "Detail": "{}"}])
    wait_until(lambda: lines(log))
    time.sleep(1.5)

    assert len(lines(log)) == 1


def test_rates_that_aws_refuses_are_accepted(aws: EmulatedAws) -> None:
    for rate in ("rate(5 minute)", "rate(0 minutes)"):
        aws.client("events").put_rule(Name="wrong", ScheduleExpression=rate, State="DISABLED")


def test_an_index_is_always_consistent_with_its_table(aws: EmulatedAws) -> None:
    table = aws.table(
        GlobalSecondaryIndexes=[
            {
                "IndexName": "bySk",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    )
    for number in range(20):
        item = {"pk": {"S": str(number)}, "sk": {"S": f"s{number}"}}
        aws.tables.put_item(TableName=table, Item=item)
        found = aws.tables.query(
            TableName=table,
            IndexName="bySk",
            KeyConditionExpression="sk = :sk",
            ExpressionAttributeValues={":sk": item["sk"]},
        )
        assert found["Count"] == 1


def test_nothing_is_throttled(aws: EmulatedAws) -> None:
    machine = aws.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})

    arns = [aws.start(machine) for _ in range(100)]

    for arn in arns:
        aws.states.stop_execution(executionArn=arn)


def test_a_definition_can_be_larger_than_1_mb(aws: EmulatedAws) -> None:
    state = {"Type": "Succeed", "Comment": "x" * 1_100_000}

    assert aws.machine({"Done": state})


def test_a_table_has_no_metrics(aws: EmulatedAws) -> None:
    aws.tables.put_item(TableName=aws.table(), Item=ITEM)

    metrics = aws.client("cloudwatch").list_metrics(Namespace="AWS/DynamoDB")
    assert metrics["Metrics"] == []


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        (
            "stepfunctions",
            "redrive_execution",
            {"executionArn": "arn:aws:states:r:a:execution:m:e"},
        ),
        # falls through to S3, which takes the emulator seconds to load
        pytest.param(
            "xray", "get_trace_summaries", {"StartTime": 0, "EndTime": 1}, marks=pytest.mark.soak
        ),
    ],
)
def test_an_operation_that_is_missing(
    aws: EmulatedAws, service: str, operation: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(ClientError, match=r"InvalidAction|InvalidOperation|400"):
        getattr(aws.client(service), operation)(**arguments)


def test_executions_are_listed_by_machine_but_not_by_alias(aws: EmulatedAws) -> None:
    machine = aws.machine({"Done": {"Type": "Succeed"}})
    live, _ = aws.live(machine)
    aws.ended(aws.start(live))

    assert aws.states.list_executions(stateMachineArn=live)["executions"] == []
    assert len(aws.states.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_task_that_waits_for_its_token_has_no_event_of_its_submission(aws: EmulatedAws) -> None:
    log = aws.log()
    payload = {"log": str(log), "say": "{% $states.context.Task.Token %}"}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": aws.worker, "Payload": payload},
        "End": True,
    }
    arn = aws.start(aws.machine({"Ask": task}))
    wait_until(lambda: lines(log))
    aws.states.send_task_success(taskToken=lines(log)[0], output='"answered"')

    assert json.loads(aws.ended(arn)["output"]) == "answered"
    types = [event["type"] for event in aws.history(arn) if event["type"].startswith("Task")]
    assert types == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
    ]
