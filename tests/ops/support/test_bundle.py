"""A bundle of a real stack in which secrets were planted everywhere holds none of them."""

import json
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers.contract.clock import utc_now
from handlers.contract.functions import TASK_GENERATION, WORKFLOW_START
from handlers.contract.ids import new_execution_id
from handlers.storage.models import ActionContext
from localcloud.cluster.state import CloudState
from ops import cli
from ops.commands import options
from ops.executions.reading import table_of
from ops.problems import OperatorError
from ops.stack import Stack
from ops.support import bundle
from ops.support.bundle import MANIFEST, read_back, write
from ops.support.evidence import collect
from ops.support.files import files, redactor_of
from ops.support.report import OwnWords
from tests.ops.answers import Altered
from tests.ops.support.plants import PLANTS, TEXTS, found_in

EXECUTION = new_execution_id()
ACTION = "0192f0c1-7a00-7000-8000-00000000aaaa"
GOAL_ID = "0192f0c1-7a00-7000-8000-00000000bbbb"


@pytest.fixture(scope="module")
def planted(stack: Stack) -> Iterator[Stack]:
    """Secrets in the record, the work item, the input, the logs and the alarms."""
    everything = "\n".join(TEXTS)
    arn = f"{stack.names.execution_arns.removesuffix('*')}{EXECUTION}"
    _plant_items(stack, arn, everything)
    stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.names.state_machine_alias_arn,
        name=EXECUTION,
        input=json.dumps({"executionId": EXECUTION, "goalId": everything, "token": TEXTS}),
    )
    _plant_lines(stack, everything)
    for number, (kind, secret) in enumerate(PLANTS.items()):
        stack.client("cloudwatch").put_metric_alarm(
            AlarmName=f"{stack.names.prefix}-planted-{number}",
            AlarmDescription=f"{kind}: {secret}",
            MetricName="Errors",
            Namespace="AWS/Lambda",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        stack.client("cloudwatch").set_alarm_state(
            AlarmName=f"{stack.names.prefix}-planted-{number}",
            StateValue="ALARM",
            StateReason=secret,
        )
    yield stack
    stack.client("cloudwatch").delete_alarms(
        AlarmNames=[f"{stack.names.prefix}-planted-{number}" for number in range(len(PLANTS))]
    )


def _plant_items(stack: Stack, arn: str, everything: str) -> None:
    table = table_of(stack)
    table.records.begin(
        EXECUTION,
        goal_id=GOAL_ID,
        user_id=PLANTS["e-mail address"],
        execution_arn=arn,
        total_actions=1,
        started_at=utc_now(),
    )
    context = ActionContext(
        PLANTS["an action's title"], "HABIT", everything, PLANTS["a goal's title in our words"]
    )
    table.work_items.add(EXECUTION, {ACTION: context})
    stack.client("dynamodb").update_item(
        TableName=stack.names.table,
        Key={"pk": {"S": EXECUTION}, "sk": {"S": f"action#{ACTION}"}},
        UpdateExpression="SET #s = :s, errorCode = :c, errorDetail = :d, promptVersion = :d",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={
            ":s": {"S": "FAILED"},
            ":c": {"S": PLANTS["GitHub token"]},
            ":d": {"S": f"the model stopped with {everything}"},
        },
    )


def _plant_lines(stack: Stack, everything: str) -> None:
    logs, now = stack.client("logs"), int(time.time() * 1000)
    for spec in (WORKFLOW_START, TASK_GENERATION):
        group = stack.names.function_log_group(spec)
        logs.create_log_stream(logGroupName=group, logStreamName="planted")
        lines = [
            *TEXTS,
            *(f"[ERROR] RuntimeError: {text}" for text in TEXTS),
            *(json.dumps({"level": "ERROR", "message": f"attempt failed {t}"}) for t in TEXTS),
            *(json.dumps({"message": "saved", "saved": [t], "error": t, t: 1}) for t in TEXTS),
            json.dumps({"message": "started", "headers": {"authorization": everything}}),
        ]
        logs.put_log_events(
            logGroupName=group,
            logStreamName="planted",
            logEvents=[{"timestamp": now, "message": line} for line in lines],
        )


def test_a_bundle_holds_none_of_the_planted_secrets(
    planted: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: planted)
    file = tmp_path / "bundle.zip"
    assert cli.main(["support-bundle", EXECUTION, "--local", "--output", str(file), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["executions"] == [EXECUTION]
    assert printed["sha256"] == read_back(file)

    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name).decode() for name in archive.namelist()}
        raw = json.loads(contents[MANIFEST])
    for name, content in {**contents, "names": "\n".join(contents)}.items():
        assert found_in(content) == set(), name
        assert found_in(content.encode().decode("unicode_escape", errors="ignore")) == set(), name
    assert raw["sha256"] == printed["sha256"]
    assert len(PLANTS) >= 15

    folder = f"executions/{EXECUTION}"
    (item,) = json.loads(contents[f"{folder}/actions.json"])
    assert item["error_detail"].startswith("the model stopped with [withheld: ")
    assert "ExecutionStarted" in contents[f"{folder}/history.json"]
    assert f"TaskGenerationWorkflow-local:{EXECUTION}" in contents["report.md"]
    assert "attempt failed [withheld: " in contents["logs.jsonl"]
    history = json.loads(contents["alarms.json"])["history"]
    assert any("planted" not in each["AlarmName"] for each in history) or history
    for heading in ("エラーコード", "実行ARN", "タイムスタンプ", "再現手順", "期待される動作",
                    "実際の動作", "CloudWatch Logs"):  # fmt: skip
        assert f"## {heading}" in contents["report.md"]


def test_the_operators_own_words_are_refused_if_they_hold_a_secret(
    planted: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: planted)
    for text, kind in (
        (PLANTS["e-mail address"], "e-mail address"),
        (PLANTS["an action's title"], "a goal's text"),
    ):
        arguments = ["support-bundle", EXECUTION, "--local", "--steps", f"start, then {text}"]
        assert cli.main(arguments) == 1
        assert f"--steps: holds {kind}" in capsys.readouterr().err


def test_what_may_not_be_read_is_named_and_the_rest_is_a_bundle(
    planted: Stack, state: CloudState
) -> None:
    who = f"arn:aws:sts::123456789012:assumed-role/look/{PLANTS['e-mail address']}"

    def refuse(_answer: dict[str, Any]) -> None:
        message = f"User: {who} is not authorized to perform: cloudwatch:DescribeAlarms"
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "DescribeAlarms")

    refused = replace(planted, session=Altered(state, "cloudwatch", "DescribeAlarms", refuse))
    evidence = collect(refused, [], datetime.now(UTC))
    assert set(evidence.unread) == {"alarms"}
    redactor = redactor_of(planted.names, evidence)
    content = files(evidence, redactor, planted.names, OwnWords())
    assert "## Could not be read\n\n- alarms: " in content["report.md"]
    assert found_in("".join(content.values())) == set()
    assert json.loads(content["versions.json"])["workflow-start"]["live"] == "1"


def test_a_text_with_a_secret_is_never_written(tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    with pytest.raises(OperatorError, match=r"logs.jsonl would hold what looks like a secret"):
        write(file, {"logs.jsonl": PLANTS["GitHub token"]}, "local", datetime.now(UTC))
    assert not file.exists()


def test_a_zip_that_does_not_read_back_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bundle.zip"

    def damaged(_file: Path) -> dict[str, str]:
        return {"report.md": "0" * 64}

    monkeypatch.setattr(bundle, "read_back", damaged)
    with pytest.raises(OperatorError, match=r"does not read back as written: report.md"):
        write(file, {"report.md": "# ok\n"}, "local", datetime.now(UTC))
    assert not file.exists()
