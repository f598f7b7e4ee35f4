"""What the emulator holds of Maps, JSONata, definitions and the history, as Step Functions does."""

import json
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

    inputs: list[Json] = [{"actionIds": []}, {"actionIds": ["only"], "goalId": "g"}]
    for given in inputs:
        assert json.loads(aws.run(states, given)["output"]) == given


def test_an_iteration_that_fails_ends_the_map_while_the_others_are_at_work(
    aws: EmulatedAws,
) -> None:
    log = aws.log()
    sleep = "{% $states.input.actionId = 'a' ? 0.5 : 18 %}"
    arguments = {"log": str(log), "raise": "Broken", "sleep": sleep}
    states = _map(_work(aws.worker, arguments), at_once=2)

    execution = aws.run(states, {"actionIds": ACTIONS})

    assert (execution["status"], execution["error"]) == ("FAILED", "Broken")
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() < 15
    assert sorted(lines(log)) == ["a", "b"]
    types = [event["type"] for event in aws.history(execution["executionArn"])]
    assert types[-3:] == ["MapIterationFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_failed_iteration_wakes_those_that_wait_for_a_retry(aws: EmulatedAws) -> None:
    log = aws.log()
    failing = "{% $states.input.actionId = 'a' ? 'Broken' : 'Late' %}"
    wait = "{% $states.input.actionId = 'a' ? 1 : 0 %}"
    retry = [{"ErrorEquals": ["Late"], "IntervalSeconds": 30}]
    arguments = {"log": str(log), "raise": failing, "sleep": wait}
    states = _map(_work(aws.worker, arguments, Retry=retry), at_once=2)

    execution = aws.run(states, {"actionIds": ACTIONS})

    assert execution["error"] == "Broken"
    assert sorted(lines(log)) == ["a", "b"]


def test_a_branch_that_fails_ends_the_parallel_while_the_others_wait(aws: EmulatedAws) -> None:
    fail = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken"}}}
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 18, "End": True}}}

    execution = aws.run({"Both": {"Type": "Parallel", "Branches": [fail, wait], "End": True}})

    assert (execution["status"], execution["error"]) == ("FAILED", "Broken")
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() < 15
    types = [event["type"] for event in aws.history(execution["executionArn"])]
    assert types[-2:] == ["ParallelStateFailed", "ExecutionFailed"]


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
        at_work += (event["type"] == "MapIterationStarted") - (
            event["type"] == "MapIterationSucceeded"
        )
        most = max(most, at_work)
    assert most == 2


def test_an_inline_map_runs_at_most_40_iterations_at_once(aws: EmulatedAws) -> None:
    wait = {"Type": "Wait", "Seconds": 1, "End": True}
    execution = aws.run(_map(wait, at_once=0), {"actionIds": list(range(41))})

    assert (execution["stopDate"] - execution["startDate"]).total_seconds() > 2


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

    execution = aws.run(states)

    cause = (
        "An error occurred while executing the state 'Read' (entered at the event id #2). The "
        "JSONata expression '$states.input.missing' specified for the field 'Output' returned "
        "nothing (undefined)."
    )
    assert (execution["error"], execution["cause"]) == ("States.QueryEvaluationError", cause)
    [failed] = [each for each in aws.history(execution["executionArn"]) if each["id"] == 3]
    assert failed["evaluationFailedEventDetails"] == {
        "error": "States.QueryEvaluationError",
        "cause": cause,
        "location": "Output",
        "state": "Read",
    }


def test_a_query_evaluation_error_is_retried_and_caught_like_any_other(aws: EmulatedAws) -> None:
    task = _work(aws.worker, {"say": "{% $states.input.missing %}"})
    retry = [{"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "Output": "caught"}]
    states = {"Work": {**task, "Retry": retry, "Catch": catch}, "Caught": {"Type": "Succeed"}}

    execution = aws.run(states, {"actionId": "a"})

    assert json.loads(execution["output"]) == "caught"
    types = [event["type"] for event in aws.history(execution["executionArn"])]
    assert types.count("EvaluationFailed") == 2


def test_what_a_state_assigns_is_seen_by_the_next_one_and_shown_in_its_event(
    aws: EmulatedAws,
) -> None:
    states = {
        "First": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Second"},
        "Second": {
            "Type": "Pass",
            "Assign": {"x": "{% $x + 1 %}"},
            "Output": "{% $x %}",
            "Next": "Third",
        },
        "Third": {"Type": "Pass", "Output": "{% [$states.input, $x] %}", "End": True},
    }

    execution = aws.run(states)

    assert json.loads(execution["output"]) == [1, 2]
    events = {event["id"]: event for event in aws.history(execution["executionArn"])}
    assert events[5]["stateExitedEventDetails"]["assignedVariables"] == {"x": "2"}


def test_an_iteration_reads_the_variables_around_it_and_keeps_its_own(aws: EmulatedAws) -> None:
    inner = {"Type": "Pass", "Assign": {"x": "{% $x + 1 %}"}, "Next": "Tell"}
    tell = {"Type": "Pass", "Output": "{% $x + $states.input %}", "End": True}
    states = {
        "First": {"Type": "Pass", "Assign": {"x": 1}, "Next": "All"},
        "All": {
            "Type": "Map",
            "Items": [10, 20],
            "ItemProcessor": {"StartAt": "In", "States": {"In": inner, "Tell": tell}},
            "Output": "{% $append($states.result, $x) %}",
            "End": True,
        },
    }

    assert json.loads(aws.run(states)["output"]) == [12, 22, 1]


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


def test_a_refused_definition_leaves_nothing_behind_for_the_next_one(aws: EmulatedAws) -> None:
    with pytest.raises(aws.states.exceptions.InvalidDefinition):
        aws.machine(_map({"Type": "Pass", "Output": "{% ( %}", "End": True}, at_once=1))

    assert aws.machine({"A": {"Type": "Pass", "OutputPath": "$", "End": True}}, language="JSONPath")
