"""The logs, metrics, traces and queries of an execution, without texts and secrets."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from components.monitoring.saved_queries import EXECUTION_ID, SavedQuery, saved_queries
from components.names import Names
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.goals.goal import Action, Goal, SubGoal
from localcloud.run.http_calls import exchange
from tests.components.monitoring.query_columns import QUERY_COLUMNS
from tests.handlers.measured import measured
from tests.localcloud.aws.xray.service_map import Edge, Node, edges, orphans
from tests.localcloud.emulated import wait_until
from tests.workflow.observed import Observed
from tests.workflow.stage import EndedExecution, Stage

CANARY = "KANARIYA"
FAULTS: list[dict[str, Any]] = [
    {"kind": FaultKind.INVALID_REQUEST},
    {"kind": FaultKind.REFUSED},
    {"kind": FaultKind.WRONG_SCHEMA},
    {"kind": FaultKind.WRONG_SCHEMA, "times": 1},
    {"kind": FaultKind.THROTTLE, "times": 1},
    {"kind": FaultKind.DISCONNECT, "times": 1},
]
CODES = {"MODEL_REJECTED": 1, "CONTENT_FILTERED": 1, "INVALID_ANSWER": 1}
RETRIED = {"MODEL_THROTTLED": 1, "MODEL_UNAVAILABLE": 1}
QUIET = {
    "log group /aws/apigateway/goal-mandala-local-workflow-api",  # no access log here
    "log group /aws/lambda/goal-mandala-local-workflow-reconcile",  # reconcile had nothing to do
    "log group /aws/lambda/goal-mandala-local-workflow-archive",  # nor had archive
}
ACTIONS = 8
MOST_OF_A_TRACE_BYTES = 500_000
"""AWS re:Post: "This trace has reached its maximum allocated quota"."""


def goal() -> Goal:
    """A goal with a unique canary in each text."""
    numbers = iter(range(1_000))

    def text() -> str:
        return f"走る{CANARY}{next(numbers)}"

    def words() -> dict[str, Any]:
        return {name: text() for name in ("title", "description", "background", "constraints")}

    actions = tuple(Action(**words(), type="HABIT") for _ in range(ACTIONS))
    return Goal(**words(), sub_goals=(SubGoal(**words(), actions=actions),))


@pytest.fixture(scope="module")
def observed(stage: Stage) -> Observed:
    """What the cloud writes from now on."""
    time.sleep(1)  # queries have a resolution of one second
    return Observed(stage, datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(scope="module")
def ended(stage: Stage, observed: Observed) -> EndedExecution:
    """An execution with retries, a repair and three failures, and refused requests around it."""
    mandala = stage.place(goal())
    ids = [action.action_id for action in mandala.actions]
    started = stage.start(mandala, dict(zip(ids, FAULTS, strict=False)))
    for method, path in (
        ("POST", f"/goals/{mandala.goal_id}/start-activity"),  # it is running already
        ("GET", f"/workflows?cursor={CANARY}"),
        ("POST", f"/workflows/{started.execution_id}/cancel?{CANARY}=1"),
        ("GET", f"/workflows/{CANARY}/status"),
    ):
        headers = {"Idempotency-Key": CANARY}
        reply = exchange(method, stage.state.api_url + path, token=stage.token, headers=headers)
        assert 400 <= reply.status < 500
    result = stage.end(mandala, started)
    states = stage.state.client("stepfunctions")
    arn = started.execution_arn
    wait_until(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return result


@pytest.fixture(scope="module")
def execution_arn(stage: Stage, ended: EndedExecution) -> str:
    machine = stage.state.state_machine_arn.removesuffix(":live")
    return f"{machine.replace(':stateMachine:', ':execution:')}:{ended.execution_id}"


@pytest.fixture(scope="module")
def queries(stage: Stage) -> dict[str, SavedQuery]:
    names = Names("local", stage.state.account_id, stage.state.region)
    return {query.key: query for query in saved_queries(names)}


def test_the_execution_has_the_planned_failures(ended: EndedExecution) -> None:
    assert Counter(filter(None, ended.errors())) == CODES
    assert ended.snapshot.kept == ACTIONS - 3
    assert ended.verified.problems == ()


def test_no_text_of_a_user_no_token_and_no_secret_is_written(
    stage: Stage, observed: Observed, ended: EndedExecution, execution_arn: str
) -> None:
    secrets = stage.state.client("secretsmanager")
    hidden = [CANARY, stage.token, stage.token.rsplit(".", 1)[-1]]
    hidden += [
        secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
        for secret in secrets.list_secrets()["SecretList"]
    ]
    assert len(hidden) == 6
    [(planted,)] = stage.conn.execute(
        'SELECT count(*) FROM tasks t JOIN actions a ON a.id = t."actionId"'
        ' JOIN sub_goals s ON s.id = a."subGoalId" WHERE s."goalId" = %s',
        (ended.mandala.goal_id,),
    ).fetchall()
    assert planted  # the texts were used
    writings = dict(observed.writings(execution_arn))
    assert {where for where, text in writings.items() if len(text) < 100} <= QUIET
    found = [(where, text) for where, text in writings.items() if any(map(text.count, hidden))]
    assert [where for where, _ in found] == []


def test_every_log_line_has_the_execution_and_the_request_that_started_it(
    observed: Observed, ended: EndedExecution
) -> None:
    lines = [each for each in observed.function_lines() if ended.execution_id in json.dumps(each)]
    [started] = [line for line in lines if line["message"] == "started"]
    ids = {
        "requestId": started["requestId"],
        "executionId": ended.execution_id,
        "goalId": ended.mandala.goal_id,
    }
    steps = [line for line in lines if line["correlation_id"] == ended.execution_id]
    assert {line["service"] for line in steps} >= {
        "workflow-prepare",
        "task-generation",
        "workflow-save-batch",
        "workflow-finish",
    }
    assert [line for line in [started, *steps] if not ids.items() <= line.items()] == []
    assert {line["xray_trace_id"] for line in [started, *steps]} == {started["xray_trace_id"]}
    answered = [line for line in steps if line["message"] == "model answered"]
    assert len({line["actionId"] for line in answered}) == ACTIONS - 1  # one was refused at once


def test_metrics_count_each_event_once(observed: Observed, ended: EndedExecution) -> None:
    text = "\n".join(
        line
        for group, lines in observed.log_lines().items()
        if group.startswith("/aws/lambda/")
        for line in lines
        if line.startswith('{"_aws"') and ended.execution_id in line
    )
    found = {name: sum(values) for name, values in measured(text).items()}
    spent = ended.snapshot
    assert found.pop("ModelLatency") > 0
    assert found.pop("TurnWait") >= 0
    assert found.pop("CostUsd") == pytest.approx(float(spent.cost_usd))
    assert found == {
        "ExecutionsEnded": 1,
        "ExecutionsEnded{status=PARTIALLY_SUCCEEDED}": 1,
        "ActionsSucceeded": ACTIONS - 3,
        "ActionsFailed": 3,
        **{f"ActionsFailed{{errorCode={code}}}": times for code, times in CODES.items()},
        "FailedActionsShare": 100 * 3 / ACTIONS,
        "InputTokens": spent.input_tokens,
        "OutputTokens": spent.output_tokens,
    }


def test_one_trace_covers_the_start_the_machine_and_the_model(
    stage: Stage, observed: Observed, execution_arn: str
) -> None:
    states = stage.state.client("stepfunctions")
    header = states.describe_execution(executionArn=execution_arn)["traceHeader"]
    trace_id = header.removeprefix("Root=").partition(";")[0]
    trace = [segment for segment in observed.segments() if segment["trace_id"] == trace_id]
    assert orphans(trace) == []
    names = Names("local", stage.state.account_id, stage.state.region)
    machine = Node(names.state_machine, "AWS::StepFunctions::StateMachine")
    table = Node(names.table, "AWS::dynamodb")
    found = edges(trace)
    start = Node(f"{names.prefix}-workflow-start", "AWS::Lambda::Function")
    assert {
        Edge(start, machine),
        Edge(start, table),
        Edge(machine, Node(names.table, "AWS::DynamoDB")),
    } <= found
    topic = names.topic_arn(names.notifications_topic)
    assert Edge(machine, Node(topic, "AWS::SNS")) in found
    for step in ("workflow-prepare", "task-generation", "workflow-save-batch", "workflow-finish"):
        name = f"{names.prefix}-{step}"
        service, function = Node(name, "AWS::Lambda"), Node(name, "AWS::Lambda::Function")
        assert {Edge(machine, service), Edge(service, function)} <= found
        # The X-Ray SDK names no table of a batch or a transaction, which is all that saving makes.
        assert (Edge(function, table) in found) == (step != "workflow-save-batch")
    generation = Node(f"{names.prefix}-task-generation", "AWS::Lambda::Function")
    models = {edge.caller for edge in found if edge.called.name == "bedrock-runtime"}
    assert models == {generation}
    size = sum(len(json.dumps(segment)) for segment in trace)
    assert size * 64 / ACTIONS < MOST_OF_A_TRACE_BYTES


def test_error_rate_query_counts_calls_and_errors_of_each_function(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    rows = ask(observed, queries["error-rate"])
    calls: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for row in rows:
        function = row["@log"].rpartition("/")[2]
        calls[function] += int(row["calls"])
        errors[function] += int(row["errors"])
    attempts = sum(item.attempts for item in ended.items())
    assert calls["goal-mandala-local-task-generation"] == attempts
    assert errors["goal-mandala-local-task-generation"] >= sum((CODES | RETRIED).values())
    assert errors["goal-mandala-local-workflow-prepare"] == 0
    assert calls["goal-mandala-local-workflow-prepare"] == 1


def test_execution_time_query_has_the_duration(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    [row] = ask(observed, queries["execution-time"])
    assert row["executions"] == "1"
    assert ended.snapshot.stopped_at
    seconds = (ended.snapshot.stopped_at - ended.snapshot.started_at).total_seconds()
    assert seconds - 2 < float(row["averageSeconds"]) < seconds + 5
    assert row["longestSeconds"] == row["shortestSeconds"] == row["averageSeconds"]


def test_failed_actions_query_counts_by_status(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    rows = ask(observed, queries["failed-actions"])
    assert rows == [{"status": "PARTIALLY_SUCCEEDED", "executions": "1", "failedActions": "3"}]


def test_slowest_actions_query_is_sorted(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    rows = ask(observed, queries["slowest-actions"])
    durations = [int(row["durationMs"]) for row in rows]
    assert durations == sorted(durations, reverse=True)
    items = ended.snapshot.actions
    kept = {key: str(item.task_count) for key, item in items.items() if item.is_kept}
    assert {row["actionId"]: row["taskCount"] for row in rows} == kept
    assert {row["executionId"] for row in rows} == {ended.execution_id}


def test_errors_by_code_query_counts_failed_attempts(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    rows = ask(observed, queries["errors-by-code"])
    found = {
        row["errorCode"]: int(row["times"])
        for row in rows
        if row["service"] == "task-generation" and "errorCode" in row
    }
    assert found == CODES | RETRIED


def test_execution_story_query_covers_the_request_to_the_end(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    query = queries["execution-story"]
    rows = observed.query(query.text.replace(EXECUTION_ID, ended.execution_id), query.log_groups)
    times = [row["@timestamp"] for row in rows]
    assert times == sorted(times)
    steps = [row["what"] for row in rows if "what" in row]
    assert steps[0] == "ExecutionStarted"
    assert {"started", "prepared", "model answered", "attempt failed", "tasks kept"} <= set(steps)
    assert {"repairing the answer", "saved", "ended", "ExecutionSucceeded"} <= set(steps)
    assert {row["state"] for row in rows if "state" in row} >= {"Prepare", "GenerateAll", "Finish"}
    assert {row["status"] for row in rows if "status" in row} == {"PARTIALLY_SUCCEEDED"}


def test_token_spend_query_agrees_with_the_record(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    [row] = ask(observed, queries["token-spend-by-goal"])
    assert row["goalId"] == ended.mandala.goal_id
    assert float(row["costUsd"]) == pytest.approx(float(ended.snapshot.cost_usd))
    assert int(row["inputTokens"]) == ended.snapshot.input_tokens
    assert int(row["outputTokens"]) == ended.snapshot.output_tokens


def test_retries_query_counts_by_reason(
    observed: Observed, ended: EndedExecution, queries: dict[str, SavedQuery]
) -> None:
    tries: Counter[str] = Counter()
    for row in ask(observed, queries["retries-by-reason"]):
        tries[row["reason"]] += int(row["tries"])
    assert tries == CODES | RETRIED | {"REPAIR": 2}


def ask(observed: Observed, query: SavedQuery) -> list[dict[str, str]]:
    """The rows of a query, after a check of their columns."""
    rows = observed.query(query.text, query.log_groups)
    assert all(set(row) <= set(QUERY_COLUMNS[query.key]) for row in rows)
    return rows
