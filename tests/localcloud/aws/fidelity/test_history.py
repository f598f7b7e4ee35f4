"""What the emulator's history shows: what transitions and the largest payload are counted from."""

import json
from collections import Counter

import pytest

from tests.localcloud.emulated import EmulatedAws, Json

ACTIONS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def events(aws: EmulatedAws) -> list[Json]:
    """The history of a Map of one task over four actions."""
    task = {
        "Type": "Task",
        "Resource": aws.worker,
        "Arguments": {"say": "{% $states.context.Map.Item.Value %}"},
        "Output": "{% $states.result.said %}",
        "End": True,
    }
    states = {
        "All": {
            "Type": "Map",
            "Items": "{% $states.input.actionIds %}",
            "ItemSelector": {"executionId": "{% $states.context.Execution.Name %}"},
            "ItemProcessor": {"StartAt": "Work", "States": {"Work": task}},
            "End": True,
        }
    }
    execution = aws.run(states, {"actionIds": ACTIONS})
    return aws.history(execution["executionArn"])


def test_the_history_counts_every_state_and_task(events: list[Json]) -> None:
    once = ("ExecutionStarted", "MapStateEntered", "MapStateStarted")
    each = (
        "MapIterationStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "MapIterationSucceeded",
    )
    last = ("MapStateSucceeded", "MapStateExited", "ExecutionSucceeded")

    counts = Counter(event["type"] for event in events)

    assert counts == {**dict.fromkeys(once + last, 1), **dict.fromkeys(each, 4)}
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))


def test_the_history_shows_every_name_and_payload(aws: EmulatedAws, events: list[Json]) -> None:
    entered = [event["stateEnteredEventDetails"] for event in events if "Entered" in event["type"]]
    exited = [event["stateExitedEventDetails"] for event in events if "Exited" in event["type"]]
    scheduled = [each for each in events if each["type"] == "LambdaFunctionScheduled"]
    task = scheduled[0]["lambdaFunctionScheduledEventDetails"]

    assert [details["name"] for details in entered] == ["All", *["Work"] * 4]
    assert json.loads(entered[0]["input"]) == {"actionIds": ACTIONS}
    assert entered[0]["input"] == '{"actionIds":["a","b","c","d"]}'
    assert set(json.loads(entered[1]["input"])) == {"executionId"}
    assert json.loads(exited[-1]["output"]) == ACTIONS
    assert task["resource"] == aws.worker
    assert json.loads(task["input"])["say"] in ACTIONS


def test_the_events_of_an_iteration_are_linked_to_each_other(events: list[Json]) -> None:
    by_id = {event["id"]: event for event in events}

    for event in events:
        if event["type"] == "TaskStateExited":
            line = [event]
            while line[-1]["type"] != "MapIterationStarted":
                line.append(by_id[line[-1]["previousEventId"]])
            assert [each["type"] for each in reversed(line)] == [
                "MapIterationStarted",
                "TaskStateEntered",
                "LambdaFunctionScheduled",
                "LambdaFunctionStarted",
                "LambdaFunctionSucceeded",
                "TaskStateExited",
            ]


def test_failed_and_timed_out_tasks_have_events_of_their_own(aws: EmulatedAws) -> None:
    def then(following: str) -> Json:
        catch = [{"ErrorEquals": ["States.ALL"], "Next": following}]
        return {"Type": "Task", "Resource": aws.worker, "Catch": catch, "Next": following}

    states = {
        "Fails": {**then("Hangs"), "Arguments": {"raise": "Broken"}},
        "Hangs": {**then("End"), "Arguments": {"sleep": 2}, "TimeoutSeconds": 1},
        "End": {"Type": "Succeed"},
    }
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
