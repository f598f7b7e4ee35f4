"""What the old guide's lines do now, as the page says: nothing, an error, or harm."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from components.names import ALIAS
from handlers.contract.functions import TASK_GENERATION, WORKFLOW_START
from ops.rollback.versions import live_version
from ops.stack import Stack
from ops.verify.verify import verify
from tests.docs.guide.conftest import Reader
from tests.docs.guide.page import ENGLISH, rows

OLD_TABLE = "WorkflowExecution"
OLD_MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:TaskGenerationWorkflow"
WHY = {line: row.why for row in rows(ENGLISH) for line in row.lines}


@pytest.fixture(scope="module")
def stack(reader: Reader) -> Stack:
    return reader.stack


def failed_checks(stack: Stack) -> set[str]:
    return {f"{each.subject}: {each.check}" for each in verify(stack) if not each.passed}


def configuration(stack: Stack, name: str, qualifier: str) -> dict[str, Any]:
    client = stack.client("lambda")
    return client.get_function_configuration(FunctionName=name, Qualifier=qualifier)


@pytest.mark.parametrize(
    ("line", "change", "field"),
    [
        ("4.1.3:3", {"Timeout": 180}, "Timeout"),
        ("5.2.1:1", {"MemorySize": 2048}, "MemorySize"),
    ],
)
def test_a_changed_function_configuration_changes_latest_and_not_what_is_called(
    stack: Stack, line: str, change: dict[str, int], field: str
) -> None:
    name = stack.names.function(TASK_GENERATION)
    before = configuration(stack, name, ALIAS)[field]
    stack.client("lambda").update_function_configuration(FunctionName=name, **change)
    assert configuration(stack, name, "$LATEST")[field] == change[field]
    assert configuration(stack, name, ALIAS)[field] == before != change[field]
    assert "`$LATEST`, which nothing calls" in WHY[line]


def test_a_changed_definition_is_one_that_no_execution_runs(stack: Stack) -> None:
    client, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    version = live_version(stack, "state-machine")
    held = f"{arn}:{version}"
    before = client.describe_state_machine(stateMachineArn=held)["definition"]
    other = json.dumps({**json.loads(before), "TimeoutSeconds": 61})
    client.update_state_machine(stateMachineArn=arn, definition=other)
    assert live_version(stack, "state-machine") == version
    assert client.describe_state_machine(stateMachineArn=held)["definition"] == before
    client.update_state_machine(stateMachineArn=arn, definition=before)
    assert "changes nothing that runs" in WHY["4.1.2:6"]


def test_provisioned_concurrency_without_a_qualifier_is_refused(stack: Stack) -> None:
    with pytest.raises(ParamValidationError, match="Qualifier"):
        stack.client("lambda").put_provisioned_concurrency_config(
            FunctionName=stack.names.function(TASK_GENERATION), ProvisionedConcurrentExecutions=5
        )
    assert "needs `--qualifier`" in WHY["5.2.2:1"]


Call = Callable[[Stack], Any]

# not 4.1.1:3: MiniStack lists the executions of a machine that does not exist as none
REFUSED: dict[str, tuple[str, Call]] = {
    "1.4.1:2": (
        "StateMachineDoesNotExist",
        lambda stack: stack.client("stepfunctions").describe_state_machine(
            stateMachineArn=OLD_MACHINE
        ),
    ),
    "1.4.3:2": (
        "ResourceNotFoundException",
        lambda stack: stack.client("dynamodb").describe_table(TableName=OLD_TABLE),
    ),
    "2.2.1:1": (
        "ResourceNotFoundException",
        lambda stack: stack.client("logs").filter_log_events(
            logGroupName="/aws/states/TaskGenerationWorkflow"
        ),
    ),
    "4.1.4:3": (
        "ResourceNotFoundException",
        lambda stack: stack.client("dynamodb").update_table(
            TableName=OLD_TABLE, BillingMode="PAY_PER_REQUEST"
        ),
    ),
    "7.1.1:1": (
        "TableNotFoundException",
        lambda stack: stack.client("dynamodb").create_backup(
            TableName=OLD_TABLE, BackupName="workflow-execution-backup"
        ),
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_line_with_the_old_names_is_the_error_that_the_page_names(
    stack: Stack, line: str
) -> None:
    code, call = REFUSED[line]
    with pytest.raises(ClientError) as error:
        call(stack)
    assert error.value.response.get("Error", {}).get("Code") == code
    assert code in WHY[line]


def test_a_list_of_functions_by_the_word_workflow_leaves_two_out(stack: Stack) -> None:
    pages = stack.client("lambda").get_paginator("list_functions").paginate()
    names = {each["FunctionName"] for page in pages for each in page["Functions"]}
    left_out = {name for name in names if "workflow" not in name}
    assert left_out == {
        "goal-mandala-local-task-generation",
        "goal-mandala-local-slack-notifier",
    }
    assert "task-generation and slack-notifier" in WHY["1.4.2:1"]


def test_encrypting_the_table_takes_our_key_off_and_verify_says_so(stack: Stack) -> None:
    table = f"table {stack.names.table}: key"
    assert table not in failed_checks(stack)
    client = stack.client("dynamodb")
    client.update_table(
        TableName=stack.names.table, SSESpecification={"Enabled": True, "SSEType": "KMS"}
    )
    held = client.describe_table(TableName=stack.names.table)["Table"]["SSEDescription"]
    assert held.get("KMSMasterKeyArn") != stack.key_arn
    assert table in failed_checks(stack)
    assert "takes our customer key off the table" in WHY["6.2.1:1"]


def test_an_alarm_by_hand_is_made_and_has_no_metric(stack: Stack) -> None:
    client = stack.client("cloudwatch")
    given: dict[str, Any] = {
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsFailed",
        "Dimensions": [{"Name": "StateMachineArn", "Value": OLD_MACHINE}],
    }
    client.put_metric_alarm(
        AlarmName="workflow-failure-rate-high",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=2,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        **given,
    )
    metrics = client.list_metrics(Namespace="AWS/States", MetricName="ExecutionsFailed")["Metrics"]
    machines = {each["Value"] for metric in metrics for each in metric["Dimensions"]}
    assert OLD_MACHINE not in machines
    assert "an alarm that never fires" in WHY["3.1.1:1"]


def test_new_code_by_hand_is_not_what_is_called(stack: Stack) -> None:
    client, name = stack.client("lambda"), stack.names.function(WORKFLOW_START)
    before = configuration(stack, name, ALIAS)["CodeSha256"]
    assert stack.packages is not None
    package = next(stack.packages.glob("database-*.zip")).read_bytes()
    client.update_function_code(FunctionName=name, ZipFile=package + b"\0")
    assert configuration(stack, name, "$LATEST")["CodeSha256"] != before
    assert configuration(stack, name, ALIAS)["CodeSha256"] == before
    assert "which nothing calls, and reports success" in WHY["1.5.2:1"]
