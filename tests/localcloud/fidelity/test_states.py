"""What the emulator holds of Maps, JSONata, definitions and the history, as Step Functions does."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.localcloud.emulated import EmulatedAws, Json, definition, lines

ACTIONS = ["a", "b", "c", "d"]


def _map(task: Json, *, at_once: int, more: Json | None = None, **extra: Any) -> Json:
    """A Map over the input's actionIds, its task told each one."""
    return {
        "All": {
            "Type": "Map",
            "Items": "{% $states.input.actionIds %}",
            "ItemSelector": {
                "executionId": "{% $states.context.Execution.Name %}",
                "actionId": "{% $states.context.Map.Item.Value %}",
            },
            "MaxConcurrency": at_once,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Work",
                "States": {"Work": task, **(more or {})},
            },
            "End": True,
            **extra,
        }
    }


def _work(function_arn: str, arguments: Json, **extra: Any) -> Json:
    return {
        "Type": "Task",
        "Resource": function_arn,
        "Arguments": {"say": "{% $states.input.actionId %}", **arguments},
        "Output": "{% $states.result.said %}",
        "End": True,
        **extra,
    }


def test_a_map_returns_its_results_in_the_order_of_its_items(aws: EmulatedAws) -> None:
    slow_first = "{% $states.input.actionId = 'a' ? 0.5 : 0 %}"
    states = _map(_work(aws.worker, {"sleep": slow_first}), at_once=4)

    execution = aws.run(states, {"actionIds": ACTIONS})

    assert json.loads(execution["output"]) == ACTIONS


def test_a_map_can_hand_its_input_on_and_takes_an_empty_list(aws: EmulatedAws) -> None:
    states = _map(_work(aws.worker, {}), at_once=4, Output="{% $states.input %}")

    for given in ({"actionIds": []}, {"actionIds": ["only"], "goalId": "g"}):
        assert json.loads(aws.run(states, given)["output"]) == given


def test_an_iteration_that_fails_stops_the_others_at_once(aws: EmulatedAws) -> None:
    log = aws.log()
    outcome = {"sleep": "{% $states.input.actionId = 'a' ? 0.3 : 1 %}", "log": str(log)}
    failing = "{% $states.input.actionId = 'a' ? 'Broken' : 'Late' %}"
    task = _work(
        aws.worker, {**outcome, "raise": failing}, Retry=[{"ErrorEquals": ["Late"], "MaxAttempts": 9}]
    )
    states = _map(task, at_once=2)

    execution = aws.run(states, {"actionIds": ACTIONS})

    assert execution["status"] == "FAILED"
    assert execution["error"] == "Broken"
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() < 1
    assert sorted(lines(log)) == ["a", "b"]


def test_an_error_caught_inside_an_iteration_leaves_the_others_alone(aws: EmulatedAws) -> None:
    code = "{% $lookup({'Broken': 'REJECTED'}, $states.errorOutput.Error) %}"
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Failed", "Output": code}]
    failing = "{% $states.input.actionId = 'b' ? 'Broken' : '' %}"
    task = _work(aws.worker, {"raise": failing}, Catch=catch)
    # the worker raises whatever it is told; an empty name is an error too
    source = (
        "def handler(event, context):\n"
        "    if event['raise']: raise type(event['raise'], (Exception,), {})()\n"
        "    return {'said': event['say']}\n"
    )
    task["Resource"] = aws.function(aws.role("lambda"), source=source)
    states = _map(task, at_once=4, more={"Failed": {"Type": "Pass", "End": True}})

    execution = aws.run(states, {"actionIds": ACTIONS})

    assert json.loads(execution["output"]) == ["a", "REJECTED", "c", "d"]


def test_no_more_iterations_run_at_once_than_max_concurrency_says(aws: EmulatedAws) -> None:
    states = _map(_work(aws.worker, {"sleep": 0.2}), at_once=2)

    execution = aws.run(states, {"actionIds": ACTIONS})

    at_work = most = 0
    for event in aws.history(execution["executionArn"]):
        at_work += (event["type"] == "MapIterationStarted") - (event["type"] == "MapIterationSucceeded")
        most = max(most, at_work)
    assert most == 2


def test_an_inline_map_runs_at_most_40_iterations_at_once(aws: EmulatedAws) -> None:
    wait = {"Type": "Wait", "Seconds": 1, "End": True}
    execution = aws.run(_map(wait, at_once=0), {"actionIds": list(range(41))})

    assert (execution["stopDate"] - execution["startDate"]).total_seconds() > 2


def test_the_history_counts_every_state_and_task_and_shows_every_payload(aws: EmulatedAws) -> None:
    execution = aws.run(_map(_work(aws.worker, {}), at_once=4), {"actionIds": ACTIONS})
    events = aws.history(execution["executionArn"])

    counts = Counter(event["type"] for event in events)
    assert counts == {
        "ExecutionStarted": 1,
        "MapStateEntered": 1,
        "MapStateStarted": 1,
        **dict.fromkeys(
            (
                "MapIterationStarted",
                "TaskStateEntered",
                "LambdaFunctionScheduled",
                "LambdaFunctionStarted",
                "LambdaFunctionSucceeded",
                "TaskStateExited",
                "MapIterationSucceeded",
            ),
            4,
        ),
        "MapStateSucceeded": 1,
        "MapStateExited": 1,
        "ExecutionSucceeded": 1,
    }
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    entered = [event["stateEnteredEventDetails"] for event in events if "Entered" in event["type"]]
    assert {details["name"] for details in entered} == {"All", "Work"}
    assert json.loads(entered[0]["input"]) == {"actionIds": ACTIONS}
    name = execution["name"]
    assert json.loads(entered[1]["input"])["executionId"] == name
    scheduled = [each for each in events if each["type"] == "LambdaFunctionScheduled"]
    details = scheduled[0]["lambdaFunctionScheduledEventDetails"]
    assert details["resource"] == aws.worker
    assert json.loads(details["input"])["say"] in ACTIONS


def test_the_events_of_an_iteration_are_linked_to_each_other(aws: EmulatedAws) -> None:
    execution = aws.run(_map(_work(aws.worker, {}), at_once=4), {"actionIds": ACTIONS})
    events = {event["id"]: event for event in aws.history(execution["executionArn"])}

    said: list[str] = []
    for event in events.values():
        if event["type"] == "TaskStateExited":
            line = [event]
            while line[-1]["type"] != "MapIterationStarted":
                line.append(events[line[-1]["previousEventId"]])
            assert [each["type"] for each in reversed(line)] == [
                "MapIterationStarted",
                "TaskStateEntered",
                "LambdaFunctionScheduled",
                "LambdaFunctionStarted",
                "LambdaFunctionSucceeded",
                "TaskStateExited",
            ]
            said.append(json.loads(event["stateExitedEventDetails"]["output"]))
    assert sorted(said) == ACTIONS


def test_failed_and_timed_out_tasks_have_events_of_their_own(aws: EmulatedAws) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Next"}]
    task = {"Type": "Task", "Resource": aws.worker, "Catch": catch, "Next": "Next"}
    states = {
        "Fails": {**task, "Arguments": {"raise": "Broken"}},
        "Next": {**task, "Arguments": {"sleep": 2}, "TimeoutSeconds": 1, "Next": "End"},
        "End": {"Type": "Succeed"},
    }
    states["Next"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "End"}]
    events = {each["type"]: each for each in aws.history(aws.run(states)["executionArn"])}

    failed = events["LambdaFunctionFailed"]["lambdaFunctionFailedEventDetails"]
    timed_out = events["LambdaFunctionTimedOut"]["lambdaFunctionTimedOutEventDetails"]
    assert failed["error"] == "Broken"
    assert timed_out["error"] == "States.Timeout"


def test_an_execution_fails_at_its_25000th_event(aws: EmulatedAws) -> None:
    endless = {"Again": {"Type": "Pass", "Next": "More"}, "More": {"Type": "Pass", "Next": "Again"}}
    machine = aws.machine(endless, timeout=100, language="JSONPath")

    execution = aws.ended(aws.start(machine))

    assert execution["status"] == "FAILED"
    assert "25000" in execution["cause"]
    last = aws.states.get_execution_history(
        executionArn=execution["executionArn"], reverseOrder=True, maxResults=1
    )["events"][0]
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")


def test_a_choice_and_a_fail_state_end_an_execution_with_error_and_cause(aws: EmulatedAws) -> None:
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.status = 'FAILED' %}", "Next": "Fail"}],
            "Default": "Succeed",
        },
        "Fail": {"Type": "Fail", "Error": "WorkflowFailed", "Cause": "{% $states.input.status %}"},
        "Succeed": {"Type": "Succeed", "Output": {"ended": "{% $states.input.status %}"}},
    }
    machine = aws.machine(states)

    failed = aws.ended(aws.start(machine, {"status": "FAILED"}))
    succeeded = aws.ended(aws.start(machine, {"status": "SUCCEEDED"}))

    assert (failed["error"], failed["cause"]) == ("WorkflowFailed", "FAILED")
    assert "output" not in failed
    assert json.loads(succeeded["output"]) == {"ended": "SUCCEEDED"}


def test_an_expression_without_a_result_is_a_query_evaluation_error(aws: EmulatedAws) -> None:
    states = {"Read": {"Type": "Pass", "Output": "{% $states.input.missing %}", "End": True}}

    assert aws.run(states)["error"] == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    ("states", "complaint"),
    [
        ({"A": {"Type": "Tusk", "End": True}}, "Tusk"),
        ({"A": {"Type": "Pass", "Ende": True}}, "Ende"),
        ({"A": {"Type": "Pass", "Next": "B"}}, "there is no state B"),
        ({"A": {"Type": "Pass"}}, "either Next or End"),
        ({"A": {"Type": "Pass", "End": True}, "B": {"Type": "Succeed"}}, "nothing leads to"),
        ({"A": {"Type": "Pass", "Output": "{% ( %}", "End": True}}, "INVALID_JSONATA"),
        ({"A": {"Type": "Task", "Resource": "r", "Parameters": {}, "End": True}}, "Parameters"),
        (
            _map({"Type": "Pass", "Next": "Nowhere"}, at_once=1),
            "there is no state Nowhere at /States/All/ItemProcessor/States",
        ),
    ],
)
def test_an_invalid_definition_is_refused_when_created_and_when_updated(
    aws: EmulatedAws, states: Json, complaint: str
) -> None:
    good = aws.machine({"A": {"Type": "Succeed"}})

    with pytest.raises(aws.states.exceptions.InvalidDefinition, match=complaint):
        aws.machine(states)
    with pytest.raises(aws.states.exceptions.InvalidDefinition, match=complaint):
        aws.states.update_state_machine(stateMachineArn=good, definition=definition(states))
