"""The log lines and segments that AWS writes for executions and invocations; log queries."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.xray.service_map import edges, orphans, recorded_segments
from tests.localcloud.emulated import ACCOUNT_ID, REGION, EmulatedAws, Json, definition, wait_until

ROOT = "1-5759e988-bd862e3fe1be46a994272793"

Logged = Callable[..., list[Json]]


@pytest.fixture
def logged(aws: EmulatedAws) -> Logged:
    """Runs a machine with a logging configuration; returns the log lines of its execution."""
    logs = aws.client("logs")

    def run(state: Json, **configuration: object) -> list[Json]:
        name = f"logged-{uuid4()}"
        group = f"/aws/states/{name}"
        logs.create_log_group(logGroupName=group)
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:*"
        machine = aws.states.create_state_machine(
            name=name,
            definition=definition({"Only": state}),
            roleArn=aws.worker_role,
            loggingConfiguration={
                **configuration,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
            },
        )["stateMachineArn"]
        aws.ended(aws.start(machine, {"secret": "kanariya"}))
        events = logs.filter_log_events(logGroupName=group)["events"]
        return [json.loads(event["message"]) for event in events]

    return run


FAIL: Json = {"Type": "Fail", "Error": "NoGood", "Cause": "as asked"}
PASS: Json = {"Type": "Pass", "End": True}


def test_level_all_logs_every_event_without_execution_data(
    logged: Logged,
) -> None:
    lines = logged(PASS, level="ALL", includeExecutionData=False)
    kinds = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert [line["type"] for line in lines] == kinds
    assert [line["id"] for line in lines] == ["1", "2", "3", "4"]
    assert lines[1]["details"] == {"name": "Only"}
    assert lines[1]["previous_event_id"] == "0"
    assert lines[1]["event_timestamp"].isdigit()
    assert ":execution:" in lines[1]["execution_arn"]
    assert "kanariya" not in json.dumps(lines)


def test_include_execution_data_logs_inputs_and_outputs(logged: Logged) -> None:
    lines = logged(PASS, level="ALL", includeExecutionData=True)
    assert json.loads(lines[-1]["details"]["output"]) == {"secret": "kanariya"}


@pytest.mark.parametrize(
    ("level", "kinds"),
    [("ERROR", ["ExecutionFailed"]), ("FATAL", ["ExecutionFailed"]), ("OFF", [])],
)
def test_levels_error_and_fatal_log_failures_only(
    logged: Logged, level: str, kinds: list[str]
) -> None:
    lines = logged(FAIL, level=level, includeExecutionData=False)
    assert [line["type"] for line in lines] == kinds
    assert all(line["details"]["error"] == "NoGood" for line in lines)


def traced_machine(aws: EmulatedAws, *, enabled: bool = True) -> str:
    """The ARN of a machine whose only task is a traced function."""
    aws.functions.update_function_configuration(
        FunctionName=aws.worker, TracingConfig={"Mode": "Active"}
    )
    task: Json = {"Type": "Task", "Resource": aws.worker, "Arguments": {}, "End": True}
    return aws.states.create_state_machine(
        name=f"traced-{enabled}",
        definition=definition({"Only": task}),
        roleArn=aws.worker_role,
        tracingConfiguration={"enabled": enabled},
    )["stateMachineArn"]


def segments(aws: EmulatedAws, trace_id: str) -> list[Json]:
    found = recorded_segments(aws.emulator.traces)
    return [segment for segment in found if segment["trace_id"] == trace_id]


def test_a_trace_continues_from_the_caller_through_the_machine_to_its_functions(
    aws: EmulatedAws,
) -> None:
    machine = traced_machine(aws)
    for sampled in (1, 0):
        header = f"Root={ROOT[:-1]}{sampled};Parent=53995c3f42cd8ad8;Sampled={sampled}"
        arn = aws.states.start_execution(stateMachineArn=machine, traceHeader=header)[
            "executionArn"
        ]
        assert aws.ended(arn)["traceHeader"] == header
    wait_until(lambda: len(segments(aws, f"{ROOT[:-1]}1")) == 4)
    found = segments(aws, f"{ROOT[:-1]}1")
    assert {(edge.caller.kind, edge.called.kind) for edge in edges(found)} == {
        ("AWS::StepFunctions::StateMachine", "AWS::Lambda"),
        ("AWS::Lambda", "AWS::Lambda::Function"),
    }
    [root] = orphans(found)  # its parent is the caller's
    assert (root["parent_id"], root["origin"]) == (
        "53995c3f42cd8ad8",
        "AWS::StepFunctions::StateMachine",
    )
    assert segments(aws, f"{ROOT[:-1]}0") == []
    described = aws.states.describe_state_machine(stateMachineArn=machine)
    assert described["tracingConfiguration"] == {"enabled": True}


def test_a_machine_that_is_not_traced_ends_the_trace(aws: EmulatedAws) -> None:
    header = f"Root={ROOT[:-1]}2;Parent=53995c3f42cd8ad8;Sampled=1"
    aws.ended(
        aws.states.start_execution(
            stateMachineArn=traced_machine(aws, enabled=False), traceHeader=header
        )["executionArn"]
    )
    assert segments(aws, f"{ROOT[:-1]}2") == []


def test_segments_sent_to_the_x_ray_daemon_are_recorded(aws: EmulatedAws) -> None:
    document = {"trace_id": f"{ROOT[:-1]}3", "id": "53995c3f42cd8ad9", "name": "走る"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sdk:
        for text in ("no segment", json.dumps({"format": "json"}) + "\n" + json.dumps(document)):
            sdk.sendto(text.encode(), ("127.0.0.1", aws.emulator.port))
    wait_until(lambda: segments(aws, f"{ROOT[:-1]}3") == [document])


def test_a_pattern_of_words_has_all_none_and_one_of(aws: EmulatedAws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/filtered")
    logs.create_log_stream(logGroupName="/filtered", logStreamName="s")
    at = int(datetime.now(UTC).timestamp() * 1000)
    messages = ["ERROR in step one", "WARNING in step two", "INFO error free", "Task timed out"]
    logs.put_log_events(
        logGroupName="/filtered",
        logStreamName="s",
        logEvents=[{"timestamp": at, "message": message} for message in messages],
    )

    def found(pattern: str) -> list[int]:
        events = logs.filter_log_events(logGroupName="/filtered", filterPattern=pattern)["events"]
        return [messages.index(event["message"]) for event in events]

    assert found('?ERROR ?WARNING ?"Task timed out"') == [0, 1, 3]
    assert found('"in step" -two') == [0]
    assert found("step WARNING") == [1]
    assert found("?ERROR free") == [2]
    assert found("") == [0, 1, 2, 3]


def test_a_query_over_a_log_group_aggregates_its_lines(aws: EmulatedAws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/queried")
    logs.create_log_stream(logGroupName="/queried", logStreamName="s")
    now = datetime.now(UTC)
    at = int(now.timestamp() * 1000)
    messages = [
        json.dumps({"level": level, "ms": ms}) for level, ms in [("E", 1), ("E", 3), ("I", 9)]
    ]
    logs.put_log_events(
        logGroupName="/queried",
        logStreamName="s",
        logEvents=[{"timestamp": at, "message": message} for message in messages],
    )

    def results(query: str) -> Json:
        query_id = logs.start_query(
            logGroupName="/queried",
            startTime=int((now - timedelta(minutes=1)).timestamp()),
            endTime=int((now + timedelta(minutes=1)).timestamp()),
            queryString=query,
        )["queryId"]
        return logs.get_query_results(queryId=query_id)

    answer = results('filter level = "E" | stats count(*) as n, avg(ms) as mean')
    assert answer["status"] == "Complete"
    assert answer["results"] == [[{"field": "n", "value": "2"}, {"field": "mean", "value": "2"}]]
    assert (answer["statistics"]["recordsMatched"], answer["statistics"]["recordsScanned"]) == (
        2,
        3,
    )
    with pytest.raises(ClientError, match="MalformedQueryException"):
        results("stats guess(ms)")
