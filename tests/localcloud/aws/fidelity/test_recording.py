"""The recording of permissions, and the authorization that MiniStack lacks."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from checks.least_privilege.calls import Call, read
from tests.localcloud.emulated import ACCOUNT_ID, REGION, EmulatedAws, Json, statement

ACCESS_KEY = """
import os

def handler(event, context):
    return os.environ["AWS_ACCESS_KEY_ID"]
"""
MODEL = "amazon.nova-micro-v1:0"
PROFILE = f"apac.{MODEL}"
MODEL_ARN = f"arn:aws:bedrock:{REGION}::foundation-model/{MODEL}"
PROFILE_ARN = f"arn:aws:bedrock:{REGION}:{ACCOUNT_ID}:inference-profile/{PROFILE}"


def _call(aws: EmulatedAws, function: str, *call: Any) -> str:
    """The error of a call that a function makes; empty if there is none."""
    answer: Json = aws.invoke(function, {"call": list(call)})
    return answer.get("errorMessage", "")


def _recorded(aws: EmulatedAws, role: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The (action, resource) pairs that a role was allowed and refused."""
    recording, name = read(aws.emulator.calls), role.rpartition("/")[2]

    def of(calls: tuple[Call, ...]) -> set[tuple[str, str]]:
        return {(call.action, call.resource) for call in calls if call.principal == name}

    return of(recording.allowed), of(recording.refused)


def test_the_calls_of_a_role_are_recorded_and_those_of_root_are_not(aws: EmulatedAws) -> None:
    table, other = aws.table(), aws.table()
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/"
    role = aws.role("lambda", statement("dynamodb:DescribeTable", arn + table))
    function = aws.function(role)
    for name in (table, other, table):
        _call(aws, function, "dynamodb", "describe_table", {"TableName": name})
    aws.tables.describe_table(TableName=other)
    action = "dynamodb:DescribeTable"
    assert _recorded(aws, role) == ({(action, arn + table)}, {(action, arn + other)})
    recording = read(aws.emulator.calls)
    assert not [call for call in recording.allowed if call.resource == arn + other]


def test_the_calls_of_a_machine_are_recorded(aws: EmulatedAws) -> None:
    role = aws.role("states", statement("lambda:InvokeFunction", aws.worker))
    task: Json = {"Type": "Task", "Resource": aws.worker, "Arguments": {}, "End": True}
    aws.run({"Work": task}, role_arn=role)
    assert _recorded(aws, role) == ({("lambda:InvokeFunction", aws.worker)}, set())


def test_a_batch_needs_the_permission_of_its_single_action(aws: EmulatedAws) -> None:
    sqs = aws.client("sqs")
    url: str = sqs.create_queue(QueueName="of-batches")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:of-batches"
    entries = {"QueueUrl": url, "Entries": [{"Id": "1", "MessageBody": "hello"}]}
    send = ("sqs", "send_message_batch", entries)
    role = aws.role("lambda", statement("sqs:SendMessage", arn))
    assert _call(aws, aws.function(role), *send) == ""
    assert _recorded(aws, role) == ({("sqs:SendMessage", arn)}, set())


def test_alarms_described_by_name_are_authorized_one_by_one(aws: EmulatedAws) -> None:
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:"
    role = aws.role("lambda", statement("cloudwatch:DescribeAlarms", [f"{arn}one", f"{arn}two"]))

    function = aws.function(role)

    def describe(*names: str) -> str:
        return _call(aws, function, "cloudwatch", "describe_alarms", {"AlarmNames": list(names)})

    assert describe("one", "two") == ""
    assert "AccessDenied" in describe("two", "three")
    allowed, refused = _recorded(aws, role)
    assert allowed == {
        ("cloudwatch:DescribeAlarms", f"{arn}one"),
        ("cloudwatch:DescribeAlarms", f"{arn}two"),
    }
    assert refused == {("cloudwatch:DescribeAlarms", f"{arn}three")}


@pytest.mark.parametrize(
    ("granted", "model", "denied"),
    [
        ([MODEL_ARN], MODEL, None),
        ([], MODEL, MODEL_ARN),
        ([PROFILE_ARN, MODEL_ARN], PROFILE, None),
        ([PROFILE_ARN], PROFILE, MODEL_ARN),
        ([MODEL_ARN], PROFILE, PROFILE_ARN),
    ],
)
def test_invoking_a_model_needs_the_permission_on_the_model_and_on_the_profile(
    aws: EmulatedAws, granted: list[str], model: str, denied: str | None
) -> None:
    allowed = [statement("bedrock:InvokeModel", granted)] if granted else []
    role = aws.role("lambda", *allowed)
    key = aws.invoke(aws.function(role, source=ACCESS_KEY), {})
    question = json.dumps({"accessKeyId": key, "region": REGION, "modelId": model}).encode()
    with urllib.request.urlopen(aws.emulator.model_permission_url, question) as answer:
        denial = json.loads(answer.read())["denied"]
    if denied is None:
        assert denial is None
    else:
        name = role.rpartition("/")[2]
        assert denial.startswith(f"User: arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/")
        assert f"not authorized to perform: bedrock:InvokeModel on resource: {denied} " in denial
        assert ("bedrock:InvokeModel", denied) in _recorded(aws, role)[1]


def test_an_unknown_caller_may_not_invoke_a_model(aws: EmulatedAws) -> None:
    question = {"accessKeyId": "ASIAXXXXXXXXXXXXXXXX", "region": REGION, "modelId": MODEL}
    with urllib.request.urlopen(
        aws.emulator.model_permission_url, json.dumps(question).encode()
    ) as answer:
        assert "token" in json.loads(answer.read())["denied"]


def test_without_calls_the_recording_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "calls.jsonl").allowed == ()
