"""What the emulator holds of an execution's life, as Step Functions does."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.localcloud.emulated import EmulatedAws, Json, definition, lines, wait_until


def _wait(seconds: int) -> Json:
    return {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}


def _say(value: object) -> Json:
    return {"Say": {"Type": "Pass", "Output": value, "End": True}}


def test_an_execution_that_outlives_its_time_out_is_timed_out_without_error_or_cause(
    aws: EmulatedAws,
) -> None:
    execution = aws.ended(aws.start(aws.machine(_wait(30), timeout=1)))

    assert execution["status"] == "TIMED_OUT"
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() < 15
    assert "error" not in execution
    assert "cause" not in execution
    last = aws.history(execution["executionArn"])[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionTimedOut", 0)
    assert last["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


def test_a_function_at_work_when_time_is_up_adds_nothing_to_the_ended_execution(
    aws: EmulatedAws,
) -> None:
    log = aws.log()
    aws.invoke(aws.worker, {})
    work = {"log": str(log), "say": "before", "sleep": 1.5}
    after = {"log": str(log), "say": "after"}
    task = {"Type": "Task", "Resource": aws.worker}
    states = {
        "Work": {**task, "Arguments": work, "Next": "After"},
        "After": {**task, "Arguments": after, "End": True},
    }
    machine = aws.machine(states, timeout=1)

    execution = aws.ended(aws.start(machine))
    events = aws.history(execution["executionArn"])
    time.sleep(1)

    assert execution["status"] == "TIMED_OUT"
    assert lines(log) == ["before"]
    assert aws.history(execution["executionArn"]) == events
    assert aws.execution(execution["executionArn"])["status"] == "TIMED_OUT"


def test_after_a_stop_no_iteration_no_retry_and_no_state_begins(aws: EmulatedAws) -> None:
    log = aws.log()
    fails = {"log": str(log), "raise": "Flaky"}
    states = {
        "All": {
            "Type": "Map",
            "Items": [1, 2, 3, 4],
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Work",
                "States": {
                    "Work": {
                        "Type": "Task",
                        "Resource": aws.worker,
                        "Arguments": fails,
                        "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 2}],
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
                        "End": True,
                    },
                    "Caught": {"Type": "Pass", "End": True},
                },
            },
            "End": True,
        }
    }
    arn = aws.start(aws.machine(states))
    wait_until(lambda: len(lines(log)) >= 2)

    aws.states.stop_execution(executionArn=arn, error="Cancelled", cause="by a test")
    said, events = lines(log), aws.history(arn)
    time.sleep(2.5)

    assert lines(log) == said
    assert aws.history(arn) == events
    assert events[-1]["type"] == "ExecutionAborted"
    assert events[-1]["executionAbortedEventDetails"] == {
        "error": "Cancelled",
        "cause": "by a test",
    }
    assert not [event for event in events if event["type"] == "PassStateEntered"]


def test_a_stopped_execution_stays_aborted_and_its_first_end_counts(aws: EmulatedAws) -> None:
    arn = aws.start(aws.machine(_wait(10)))

    first = aws.states.stop_execution(executionArn=arn, error="First")
    second = aws.states.stop_execution(executionArn=arn, error="Second")

    assert first["stopDate"] == second["stopDate"]
    assert aws.execution(arn)["status"] == "ABORTED"
    assert aws.execution(arn)["error"] == "First"


def test_stopping_what_has_ended_changes_nothing(aws: EmulatedAws) -> None:
    execution = aws.run(_say("done"))

    aws.states.stop_execution(executionArn=execution["executionArn"])

    assert aws.execution(execution["executionArn"])["status"] == "SUCCEEDED"


def test_the_same_start_again_while_it_runs_returns_the_same_execution(aws: EmulatedAws) -> None:
    machine = aws.machine(_wait(10))
    with ThreadPoolExecutor(4) as pool:
        starts = [pool.submit(aws.start, machine, {"goal": 1}, "same") for _ in range(4)]
        arns = {start.result() for start in starts}

    assert len(arns) == 1
    with pytest.raises(aws.states.exceptions.ExecutionAlreadyExists):
        aws.start(machine, {"goal": 2}, "same")
    aws.states.stop_execution(executionArn=arns.pop())


def test_the_name_of_an_execution_that_has_ended_is_not_free_again(aws: EmulatedAws) -> None:
    machine = aws.machine(_say("done"))
    aws.ended(aws.start(machine, name="once"))

    with pytest.raises(aws.states.exceptions.ExecutionAlreadyExists):
        aws.start(machine, name="once")


@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "x" * 81])
def test_a_name_that_is_not_allowed_is_refused(aws: EmulatedAws, name: str) -> None:
    with pytest.raises(aws.states.exceptions.InvalidName):
        aws.start(aws.machine(_say("done")), name=name)


def test_an_input_that_is_not_json_or_too_large_is_refused(aws: EmulatedAws) -> None:
    machine = aws.machine(_say("done"))

    with pytest.raises(aws.states.exceptions.InvalidExecutionInput):
        aws.states.start_execution(stateMachineArn=machine, input="{")
    with pytest.raises(aws.states.exceptions.ClientError, match="262144"):
        aws.start(machine, {"text": "x" * 262144})


def test_an_execution_runs_the_version_that_its_alias_names(aws: EmulatedAws) -> None:
    machine = aws.machine(_say("old"))
    live, old = aws.live(machine)
    aws.states.update_state_machine(
        stateMachineArn=machine, definition=definition(_say("new")), publish=True
    )

    by_alias = aws.ended(aws.start(live))
    by_machine = aws.ended(aws.start(machine))

    assert json.loads(by_alias["output"]) == "old"
    assert by_alias["stateMachineAliasArn"] == live
    assert by_alias["stateMachineVersionArn"] == old
    assert by_alias["stateMachineArn"] == machine
    assert json.loads(by_machine["output"]) == "new"
    assert "stateMachineVersionArn" not in by_machine


def test_an_alias_that_moves_takes_new_executions_with_it(aws: EmulatedAws) -> None:
    machine = aws.machine(_say("old"))
    live, _ = aws.live(machine)
    second = aws.states.update_state_machine(
        stateMachineArn=machine, definition=definition(_say("new")), publish=True
    )
    routing = {"stateMachineVersionArn": second["stateMachineVersionArn"], "weight": 100}
    aws.states.update_state_machine_alias(stateMachineAliasArn=live, routingConfiguration=[routing])

    assert json.loads(aws.ended(aws.start(live))["output"]) == "new"
