"""What the emulator holds of tasks, retries, catches and functions, as AWS does."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.executions.tasks import delay_seconds
from tests.localcloud.emulated import (
    FUNCTION,
    EmulatedAws,
    Json,
    lines,
    package,
    statement,
    wait_until,
)

ERROR = "{% $states.errorOutput.Error %}"


def _task(resource: str, arguments: Json, **extra: Any) -> Json:
    """A task whose result is the name of the error that it caught, or what it returned."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "Output": ERROR}]
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "Catch": catch}
    caught = {"Type": "Pass", "End": True}
    return {"Work": {**task, "End": True, **extra}, "Caught": caught}


def _result(aws: EmulatedAws, states: Json, role_arn: str = "") -> Any:
    return json.loads(aws.run(states, role_arn=role_arn)["output"])


def test_an_error_reaches_catch_by_its_class_name(aws: EmulatedAws) -> None:
    assert _result(aws, _task(aws.worker, {"raise": "ModelRejectedError"})) == "ModelRejectedError"


def test_the_cause_is_the_error_object_as_json(aws: EmulatedAws) -> None:
    states = _task(aws.worker, {"raise": "ModelRejectedError"})
    states["Work"]["Catch"][0]["Output"] = "{% $parse($states.errorOutput.Cause) %}"

    cause = _result(aws, states)

    assert cause["errorType"] == "ModelRejectedError"
    assert cause["errorMessage"] == "as asked"
    assert "app.py" in "".join(cause["stackTrace"])


def test_a_retrier_is_chosen_by_name_and_each_has_its_own_attempts(aws: EmulatedAws) -> None:
    log = aws.log()
    retries = [
        {"ErrorEquals": ["Throttled"], "IntervalSeconds": 1, "MaxAttempts": 5, "BackoffRate": 1},
        {
            "ErrorEquals": ["Unavailable", "States.Timeout"],
            "IntervalSeconds": 1,
            "MaxAttempts": 2,
            "BackoffRate": 4,
            "MaxDelaySeconds": 1,
            "JitterStrategy": "FULL",
        },
    ]
    states = _task(aws.worker, {"log": str(log), "raise": "Unavailable"}, Retry=retries)

    assert _result(aws, states) == "Unavailable"
    assert len(lines(log)) == 3


def test_an_error_that_no_retrier_names_is_not_retried(aws: EmulatedAws) -> None:
    log = aws.log()
    states = _task(
        aws.worker, {"log": str(log), "raise": "Rejected"}, Retry=[{"ErrorEquals": ["Throttled"]}]
    )

    assert _result(aws, states) == "Rejected"
    assert len(lines(log)) == 1


def test_delays_grow_to_their_cap_and_full_jitter_stays_below_them() -> None:
    capped = {"IntervalSeconds": 10, "BackoffRate": 2.0, "MaxDelaySeconds": 60}

    assert [delay_seconds(capped, retry) for retry in range(5)] == [10, 20, 40, 60, 60]
    assert delay_seconds({}, 1) == 2.0
    jittered = [delay_seconds({**capped, "JitterStrategy": "FULL"}, 4) for _ in range(200)]
    assert 0 <= min(jittered) < 15
    assert 45 < max(jittered) <= 60


def test_a_task_that_outlives_its_time_out_is_states_timeout(aws: EmulatedAws) -> None:
    assert _result(aws, _task(aws.worker, {"sleep": 3}, TimeoutSeconds=1)) == "States.Timeout"


def test_a_time_out_has_no_cause_until_it_is_caught(aws: EmulatedAws) -> None:
    task = {"Type": "Task", "Resource": aws.worker, "Arguments": {"sleep": 3}, "TimeoutSeconds": 1}
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}]
    caught = {"Type": "Pass", "End": True}

    uncaught = aws.run({"Work": {**task, "End": True}})

    assert uncaught["error"] == "States.Timeout"
    assert "cause" not in uncaught
    states = {"Work": {**task, "Catch": catch, "Next": "Caught"}, "Caught": caught}
    assert _result(aws, states) == {"Error": "States.Timeout", "Cause": ""}


def test_a_runtime_error_is_caught_neither_by_its_name_nor_by_states_all(aws: EmulatedAws) -> None:
    names = ({"ErrorEquals": [name], "Next": "Caught"} for name in ("States.Runtime", "States.ALL"))
    task = {"Type": "Task", "Resource": aws.worker, "OutputPath": "$.no.such", "Next": "Caught"}
    states = {"Work": {**task, "Catch": list(names)}, "Caught": {"Type": "Succeed"}}

    execution = aws.ended(aws.start(aws.machine(states, language="JSONPath")))

    assert (execution["status"], execution["error"]) == ("FAILED", "States.Runtime")
    assert execution["cause"] == (
        "An error occurred while executing the state 'Work' (entered at the event id #2). Invalid "
        "path '$.no.such' : Missing property in path $['no']"
    )


def test_a_function_that_outlives_its_own_time_out_is_sandbox_timedout(aws: EmulatedAws) -> None:
    slow = aws.function(aws.role("lambda"), timeout=1)

    assert _result(aws, _task(slow, {"sleep": 3}, TimeoutSeconds=10)) == "Sandbox.Timedout"


def test_a_function_killed_at_work_is_runtime_exiterror_and_the_next_call_works(
    aws: EmulatedAws,
) -> None:
    assert _result(aws, _task(aws.worker, {"kill": True})) == "Runtime.ExitError"
    assert aws.invoke(aws.worker, {"say": "alive"})["said"] == "alive"


def test_a_function_killed_as_it_starts_is_runtime_exiterror_too(aws: EmulatedAws) -> None:
    doomed = aws.function(aws.role("lambda"), source="import os\nos.kill(os.getpid(), 9)\n")

    assert _result(aws, _task(doomed, {})) == "Runtime.ExitError"


def test_a_process_killed_as_it_starts_leaves_the_functions_others_at_work(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    source = (
        FUNCTION
        + f"""
if os.path.exists({str(tmp_path / "die")!r}):
    os.kill(os.getpid(), 9)
"""
    )
    function = aws.function(aws.role("lambda"), source=source)
    with ThreadPoolExecutor(1) as at_work:
        log = tmp_path / "log"
        slow = at_work.submit(aws.invoke, function, {"log": str(log), "sleep": 3, "say": "done"})
        wait_until(log.exists)
        (tmp_path / "die").touch()

        assert aws.invoke(function, {})["errorType"] == "Runtime.ExitError"
        assert slow.result()["said"] == "done"


def test_a_process_killed_while_it_sends_its_answer_is_runtime_exiterror(aws: EmulatedAws) -> None:
    source = """
import os, socket

def handler(event, context):
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    path = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
    head = f"POST {path} HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Length: 100\\r\\n\\r\\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"half":')
        os.kill(os.getpid(), 9)
"""
    cut = aws.function(aws.role("lambda"), source=source)

    assert _result(aws, _task(cut, {})) == "Runtime.ExitError"


def test_a_function_at_its_reserved_concurrency_is_lambda_toomanyrequests(aws: EmulatedAws) -> None:
    function = aws.function(aws.role("lambda"))
    aws.functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    assert _result(aws, _task(function, {})) == "Lambda.TooManyRequestsException"


def test_a_function_that_does_not_exist_is_an_error(aws: EmulatedAws) -> None:
    missing = f"{aws.worker}-missing"

    assert _result(aws, _task(missing, {})) == "Lambda.ResourceNotFoundException"


def test_a_task_runs_the_version_that_the_functions_alias_names(aws: EmulatedAws) -> None:
    function = aws.function(aws.role("lambda"), source="def handler(event, context): return 'old'")
    version = aws.functions.publish_version(FunctionName=function)["Version"]
    live = aws.functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    aws.functions.update_function_code(
        FunctionName=function, ZipFile=package("def handler(event, context): return 'new'")
    )

    assert _result(aws, _task(live["AliasArn"], {})) == "old"
    assert _result(aws, _task(function, {})) == "new"


def test_a_handler_knows_its_time_left_and_its_arn(aws: EmulatedAws) -> None:
    answer = aws.invoke(aws.worker, {})

    assert 15_000 < answer["milliseconds"] <= 20_000
    assert answer["arn"] == aws.worker


def test_a_conditional_update_of_the_machine_changes_only_what_meets_it(aws: EmulatedAws) -> None:
    table = aws.table()
    for pk, status in (("open", "GENERATING"), ("done", "SAVED")):
        item = {"pk": {"S": pk}, "sk": {"S": "action"}, "status": {"S": status}}
        aws.tables.put_item(TableName=table, Item=item)
    role = aws.role(
        "states", statement("dynamodb:UpdateItem", f"arn:aws:dynamodb:*:*:table/{table}")
    )

    def close(pk: str) -> Any:
        arguments = {
            "TableName": table,
            "Key": {"pk": {"S": pk}, "sk": {"S": "action"}},
            "UpdateExpression": "SET #status = :failed",
            "ConditionExpression": "#status IN (:pending, :generating)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":failed": {"S": "FAILED"},
                ":pending": {"S": "PENDING"},
                ":generating": {"S": "GENERATING"},
            },
        }
        _result(aws, _task("arn:aws:states:::dynamodb:updateItem", arguments), role)
        key: Any = arguments["Key"]
        return aws.tables.get_item(TableName=table, Key=key).get("Item", {})["status"]["S"]

    assert close("open") == "FAILED"
    assert close("done") == "SAVED"


def test_a_failed_condition_is_an_error_by_name(aws: EmulatedAws) -> None:
    table = aws.table()
    role = aws.role("states", statement("dynamodb:PutItem", f"arn:aws:dynamodb:*:*:table/{table}"))
    arguments = {
        "TableName": table,
        "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}},
        "ConditionExpression": "attribute_exists(pk)",
    }
    states = _task("arn:aws:states:::dynamodb:putItem", arguments)

    assert _result(aws, states, role) == "DynamoDB.ConditionalCheckFailedException"


def test_a_published_message_arrives_with_its_attributes(aws: EmulatedAws) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="notifications")["TopicArn"]
    queue = sqs.create_queue(QueueName="notifications")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn["Attributes"]["QueueArn"],
    }
    sqs.set_queue_attributes(
        QueueUrl=queue,
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})},
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn["Attributes"]["QueueArn"])
    attributes = {"status": {"DataType": "String", "StringValue": "SUCCEEDED"}}
    publish = {
        "TopicArn": topic,
        "Message": {"executionId": "e", "totalActions": 64},
        "MessageAttributes": attributes,
    }
    role = aws.role("states", statement("sns:Publish", topic))

    assert "MessageId" in _result(aws, _task("arn:aws:states:::sns:publish", publish), role)

    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]
    envelope = json.loads(message["Body"])
    assert json.loads(envelope["Message"]) == {"executionId": "e", "totalActions": 64}
    assert envelope["MessageAttributes"] == {"status": {"Type": "String", "Value": "SUCCEEDED"}}


def test_publishing_to_a_topic_that_does_not_exist_is_an_error_by_name(aws: EmulatedAws) -> None:
    topic = "arn:aws:sns:ap-northeast-1:123456789012:missing"
    role = aws.role("states", statement("sns:Publish", topic))
    states = _task("arn:aws:states:::sns:publish", {"TopicArn": topic, "Message": "m"})

    assert _result(aws, states, role) == "SNS.NotFoundException"


def test_an_integration_that_the_emulator_cannot_judge_fails_and_says_so(aws: EmulatedAws) -> None:
    execution = aws.run(_task("arn:aws:states:::events:putEvents", {"Entries": []}))

    assert execution["status"] == "FAILED"
    assert "localcloud/aws/permissions/permissions.py" in execution["cause"]


@pytest.mark.parametrize("size", [262_142 + 1, 400_000])
def test_a_result_over_256_kib_is_an_error_that_even_states_all_catches(
    aws: EmulatedAws, size: int
) -> None:
    # recorded on AWS, whose developer guide says that States.ALL does not catch it
    assert _result(aws, _task(aws.worker, {"size": size})) == "States.DataLimitExceeded"


def test_a_result_over_256_kib_that_nothing_catches_fails_the_execution(aws: EmulatedAws) -> None:
    task = {"Type": "Task", "Resource": aws.worker, "Arguments": {"size": 400_000}, "End": True}

    execution = aws.run({"Work": task})

    assert (execution["status"], execution["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_result_of_256_kib_passes(aws: EmulatedAws) -> None:
    assert len(_result(aws, _task(aws.worker, {"size": 262_142}))) == 262_142
