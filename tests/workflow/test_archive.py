"""The archive on the embedded cloud: an execution expires there, and operators still read it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from components.names import Names
from handlers.contract.archive import archive_key
from handlers.contract.clock import timestamp, utc_now
from handlers.contract.ids import first_id_at
from localcloud.aws.clients import ACCOUNT_ID, REGION
from ops import audit, cli
from ops.commands import options
from ops.stack import LOCAL, Stack
from tests.localcloud.emulated import wait_until
from tests.workflow.stage import EndedExecution, small_goal
from tests.workflow.stage import Stage as Scene

NAMES = Names(LOCAL, ACCOUNT_ID, REGION)


@pytest.fixture
def asked(
    stage: Scene,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Runs a command with --json on the local stack: exit status and object."""
    stack = Stack(NAMES, stage.state, stage.state.api_url)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)

    def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
        status = cli.main([*arguments, "--local", "--json"])
        return status, json.loads(capsys.readouterr().out)

    return ask


def items_of(stage: Scene, execution_id: str) -> list[dict[str, Any]]:
    """An execution's items in the table, in DynamoDB's wire form."""
    return stage.state.client("dynamodb").query(
        TableName=NAMES.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": execution_id}},
        ConsistentRead=True,
    )["Items"]


def grow_old(stage: Scene, ended: EndedExecution) -> str:
    """The id of a copy of an execution that looks 100 days old."""
    at = utc_now() - timedelta(days=100)
    old = first_id_at(at)
    for item in items_of(stage, ended.execution_id):
        aged = {**item, "pk": {"S": old}, "ttl": {"N": str(int(utc_now().timestamp()) + 3600)}}
        if "executionId" in aged:
            aged["executionId"] = {"S": old}
        if "month" in aged:
            aged |= {"month": {"S": f"{at:%Y-%m}"}, "startedAt": {"S": timestamp(at)}}
        stage.state.client("dynamodb").put_item(TableName=NAMES.table, Item=aged)
    return old


def expire(stage: Scene, execution_id: str) -> None:
    """Let the time to live of an execution's items pass, and wait until they are deleted."""
    table = stage.state.client("dynamodb")
    for item in items_of(stage, execution_id):
        table.update_item(
            TableName=NAMES.table,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET #ttl = :now",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={":now": {"N": str(int(utc_now().timestamp()) - 1)}},
        )
    wait_until(lambda: not items_of(stage, execution_id), seconds=90)


def invoke(stage: Scene) -> dict[str, Any]:
    """One run of workflow-archive."""
    answer = stage.state.client("lambda").invoke(
        FunctionName=stage.state.exports["functionArns"]["workflow-archive"],
        Payload=json.dumps({"id": "a-test"}),
    )
    return json.loads(answer["Payload"].read())


def test_an_execution_that_expired_is_listed_and_shown_from_the_archive(
    stage: Scene, asked: Any
) -> None:
    mandala = stage.place(small_goal("保存される目標", 3))
    failed = mandala.actions[1].action_id
    ended = stage.run(mandala, {failed: {"kind": "refused"}})
    old = grow_old(stage, ended)

    assert invoke(stage)["left"] == 0
    assert invoke(stage) == {"archived": 0, "left": 0}
    expire(stage, old)

    status, answer = asked("executions", "show", old)
    assert (status, "add --archived" in answer["error"]) == (1, True)
    status, shown = asked("executions", "show", old, "--archived")
    assert status == 0
    assert (shown["status"], shown["processed"], shown["total"]) == ("PARTIALLY_SUCCEEDED", 3, 3)
    assert shown["failures"] == {"CONTENT_FILTERED": 1}
    _, listed = asked("executions", "list", "--archived", "--goal", mandala.goal_id)
    assert [each["execution_id"] for each in listed["executions"]] == [old]
    _, none = asked("executions", "list", "--archived", "--since", "50d")
    assert old not in {each["execution_id"] for each in none["executions"]}
    status, answer = asked("executions", "show", ended.execution_id, "--archived")
    assert (status, "archive.afterDays" in answer["error"]) == (1, True)


def test_the_object_is_encrypted_with_the_stacks_key_and_old_versions_stay(stage: Scene) -> None:
    ended = stage.run(stage.place(small_goal("暗号化される目標", 1)))
    old = grow_old(stage, ended)
    invoke(stage)
    s3, key = stage.state.client("s3"), archive_key(old)
    encryption = s3.get_bucket_encryption(Bucket=NAMES.archive_bucket)
    [rule] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "aws:kms"
    assert default["KMSMasterKeyID"] == stage.state.exports["keyArn"]
    s3.put_object(Bucket=NAMES.archive_bucket, Key=key, Body=b"overwritten by mistake")
    versions = s3.list_object_versions(Bucket=NAMES.archive_bucket, Prefix=key)["Versions"]
    assert len(versions) == 2
    s3.delete_object(Bucket=NAMES.archive_bucket, Key=key, VersionId=versions[0]["VersionId"])
