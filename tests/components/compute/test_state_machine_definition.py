"""The state machine's definition: complete, bounded, and right in every expression."""

import json
from collections.abc import Iterator
from typing import Any, cast

import jsonata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.state_machine_definition import SAVE_TIMEOUT_SECONDS, definition
from components.compute.workflow_state_machine import workflow
from components.names import Names
from components.settings import Settings, parse
from handlers.contract.errors import ERROR_CODE_BY_ERROR_NAME
from handlers.contract.functions import TASK_GENERATION, WORKFLOW_SAVE_BATCH

State = dict[str, Any]


@pytest.fixture
def machine(names: Names, settings: Settings) -> State:
    """The definition of the stack dev."""
    return definition(workflow(names, settings))


def levels(machine: State) -> Iterator[State]:
    """The machine and each Map's inner machine."""
    yield machine
    for state in machine["States"].values():
        if state["Type"] == "Map":
            yield from levels(state["ItemProcessor"])


def states(machine: State) -> dict[str, State]:
    """Every state by name, inner ones too."""
    return {name: state for level in levels(machine) for name, state in level["States"].items()}


def successors(state: State) -> set[str]:
    """Where a state may lead."""
    branches = [*state.get("Catch", []), *state.get("Choices", [])]
    named = [state.get("Next"), state.get("Default"), *(branch["Next"] for branch in branches)]
    return {str(name) for name in named if name}


def expressions(value: Any) -> Iterator[str]:
    """Every JSONata expression in a piece of the definition."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value[2:-2]
    elif isinstance(value, dict):
        for inner in cast("State", value).values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from expressions(inner)


def evaluated(template: Any, **states_variable: Any) -> Any:
    """A template with its expressions evaluated, as Step Functions does."""
    if isinstance(template, str) and template.startswith("{%"):
        expression = jsonata.Jsonata(template[2:-2])
        expression.assign("states", states_variable)
        return expression.evaluate(None)
    if isinstance(template, dict):
        fields = cast("State", template)
        return {name: evaluated(value, **states_variable) for name, value in fields.items()}
    return template


def test_the_machine_has_the_designs_phases_and_concurrency(machine: State) -> None:
    waiting = ["TurnHasCome", "WaitForTurn"]
    first = list(machine["States"])[:6]
    assert first == ["Prepare", *waiting, "GenerateAll", "SaveAll", "Finish"]
    assert machine["QueryLanguage"] == "JSONata"
    assert machine["TimeoutSeconds"] == 900
    assert machine["States"]["GenerateAll"]["MaxConcurrency"] == 24
    assert machine["States"]["SaveAll"]["MaxConcurrency"] == 3


def test_every_task_retries_catches_and_times_out(machine: State) -> None:
    tasks = {name: s for name, s in states(machine).items() if s["Type"] == "Task"}
    assert len(tasks) == 8
    for task in tasks.values():
        assert task["TimeoutSeconds"] > 0
        assert task["Retry"]
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_every_map_catches_so_that_the_execution_is_always_finished(machine: State) -> None:
    for name in ("GenerateAll", "SaveAll"):
        assert machine["States"][name]["Catch"][0]["Next"] == "Finish"


def test_retriers_are_capped_jittered_and_never_for_all_errors(machine: State) -> None:
    for state in states(machine).values():
        for retrier in state.get("Retry", []):
            assert retrier["JitterStrategy"] == "FULL"
            assert retrier["IntervalSeconds"] < retrier["MaxDelaySeconds"] <= 60
            assert not {"States.ALL", "States.TaskFailed"} & set(retrier["ErrorEquals"])


def test_permanent_errors_are_not_retried(machine: State) -> None:
    retried = {name for r in states(machine)["GenerateTasks"]["Retry"] for name in r["ErrorEquals"]}
    permanent = {"ModelRejectedError", "ContentFilteredError", "InvalidAnswerError"}
    assert not retried & {*permanent, "DeadlineError", "FencedError"}
    assert {"ModelThrottledError", "ModelUnavailableError", "States.Timeout"} <= retried


def test_every_state_can_be_reached_and_leads_somewhere(machine: State) -> None:
    for level in levels(machine):
        reached = {level["StartAt"]}.union(*map(successors, level["States"].values()))
        assert reached == set(level["States"])
        for state in level["States"].values():
            is_last = state.get("End") or state["Type"] in ("Succeed", "Fail")
            assert bool(successors(state)) != bool(is_last) or state.get("Catch")


def test_a_call_ends_before_its_function_its_state_and_the_execution(
    machine: State, settings: Settings
) -> None:
    generate = states(machine)["GenerateTasks"]["TimeoutSeconds"]
    call = settings.generation.call_timeout_seconds
    assert call < settings.generation.timeout < generate < machine["TimeoutSeconds"]
    assert WORKFLOW_SAVE_BATCH.timeout_seconds < SAVE_TIMEOUT_SECONDS


def test_functions_are_invoked_through_their_aliases(machine: State, names: Names) -> None:
    resources = {s["Resource"] for s in states(machine).values() if s["Type"] == "Task"}
    invoked = {r for r in resources if ":function:" in r}
    assert names.function_alias_arn(TASK_GENERATION) in invoked
    assert all(arn.endswith(":live") for arn in invoked)
    assert len(invoked) == 4


def test_settings_reach_the_definition(names: Names, configured: dict[str, str]) -> None:
    environ = {"MAX_BATCH_CONCURRENCY": "2", "MAX_ACTION_CONCURRENCY": "6"}
    retry = json.dumps({"intervalSeconds": 5, "maxAttempts": 4})
    settings = parse({**configured, "retry": retry, "workflow_timeout": "1200"}, environ)
    machine = definition(workflow(names, settings))
    assert machine["TimeoutSeconds"] == 1200
    assert machine["States"]["GenerateAll"]["MaxConcurrency"] == 12
    assert machine["States"]["SaveAll"]["MaxConcurrency"] == 2
    retrier = states(machine)["GenerateTasks"]["Retry"][1]
    assert (retrier["IntervalSeconds"], retrier["MaxAttempts"]) == (5, 4)


def test_every_expression_is_jsonata(machine: State) -> None:
    found = list(expressions(machine))
    assert len(found) > 20
    for expression in found:
        jsonata.Jsonata(expression)


def test_prepare_gets_the_input_and_the_start_time_with_actions_only_in_a_retry(
    machine: State,
) -> None:
    arguments = machine["States"]["Prepare"]["Arguments"]
    context = {"Execution": {"StartTime": "2026-11-24T12:00:00.000Z"}}
    first = {"executionId": "e", "goalId": "g"}
    retry = {**first, "actionIds": ["a"]}
    started = {"startedAt": "2026-11-24T12:00:00.000Z"}
    assert evaluated(arguments, input=first, context=context) == {**first, **started}
    assert evaluated(arguments, input=retry, context=context) == {**retry, **started}


def test_a_token_budget_changes_no_state_so_that_it_may_be_set_in_mid_run(
    machine: State, names: Names, configured: dict[str, str]
) -> None:
    settings = parse({**configured, "admission": '{"tokensPerMinute": 400000}'}, {})
    assert definition(workflow(names, settings)) == machine


def test_a_wait_costs_states_only_who_waits_and_fails_no_attempt(machine: State) -> None:
    assert machine["States"]["Prepare"]["Next"] == "TurnHasCome"
    chosen = machine["States"]["TurnHasCome"]
    (choice,) = chosen["Choices"]
    for answer, leads_to in (
        ({"waitSeconds": 0, "turn": ""}, "GenerateAll"),
        ({"waitSeconds": 7, "turn": "t"}, "WaitForTurn"),
        ({}, "GenerateAll"),  # of a version before
    ):
        must_wait = evaluated(choice["Condition"], input=answer)
        assert (choice["Next"] if must_wait is True else chosen["Default"]) == leads_to
        assert isinstance(must_wait, bool)
    wait = machine["States"]["WaitForTurn"]
    assert evaluated(wait["Seconds"], input={"waitSeconds": 7}) == 7
    context = {"Execution": {"Input": {"executionId": "e", "goalId": "g", "actionIds": ["a"]}}}
    again = evaluated(wait["Output"], input={"waitSeconds": 7, "turn": "t"}, context=context)
    assert again == {"executionId": "e", "goalId": "g", "actionIds": ["a"], "turn": "t"}
    assert wait["Next"] == "Prepare"
    for level in levels(machine):
        reached = {level["StartAt"]}.union(*map(successors, level["States"].values()))
        assert reached == set(level["States"])


@pytest.mark.parametrize("name", ["GenerateTasks", "SaveBatch", "Finish"])
def test_every_function_gets_the_id_of_the_api_request_if_there_was_one(
    machine: State, name: str
) -> None:
    arguments, step = states(machine)[name]["Arguments"], {"executionId": "e", "goalId": "g"}
    for request in ({"requestId": "r"}, {}):
        context = {"Execution": {"Input": {**step, **request}}}
        assert evaluated(arguments, input=step, context=context) == {**step, **request}


@given(batches=st.lists(st.lists(st.uuids().map(str), min_size=1), min_size=1, max_size=3))
def test_a_list_of_one_stays_a_list_in_jsonata(batches: list[list[str]]) -> None:
    items = "{% $states.input.batches %}"
    assert evaluated(items, input={"batches": batches}) == batches
    item = "{% $states.context.Map.Item.Value %}"
    context = {"Map": {"Item": {"Value": batches[0]}}}
    assert evaluated(item, context=context) == batches[0]


def test_maps_take_their_items_as_lists(machine: State) -> None:
    assert machine["States"]["SaveAll"]["Items"] == "{% $states.input.batches %}"
    selected = machine["States"]["SaveAll"]["ItemSelector"]["actionIds"]
    assert selected == "{% $states.context.Map.Item.Value %}"


@pytest.mark.parametrize(
    ("error", "code"),
    [*ERROR_CODE_BY_ERROR_NAME.items(), ("States.Timeout", "FUNCTION_FAILED")],
)
def test_a_failed_action_gets_the_code_of_its_error(machine: State, error: str, code: str) -> None:
    arguments = states(machine)["ActionFailed"]["Arguments"]
    failed = {"executionId": "e", "actionId": "a", "error": error}
    filled = evaluated(arguments, input=failed)
    assert filled["Key"] == {"pk": {"S": "e"}, "sk": {"S": "action#a"}}
    assert filled["ExpressionAttributeValues"][":code"] == {"S": code}
    assert filled["ConditionExpression"] == "#status IN (:pending, :generating)"


def test_a_catch_keeps_the_errors_name_and_never_its_cause(machine: State) -> None:
    catches = [catch for state in states(machine).values() for catch in state.get("Catch", [])]
    assert catches
    assert "Cause" not in json.dumps(catches)
    kept = states(machine)["GenerateTasks"]["Catch"][0]["Output"]
    error = {"Error": "DeadlineError", "Cause": "a goal's text"}
    given_input = {"executionId": "e", "actionId": "a", "deadline": 1}
    assert evaluated(kept, input=given_input, errorOutput=error) == {
        "executionId": "e",
        "actionId": "a",
        "error": "DeadlineError",
    }


@pytest.mark.parametrize(
    ("status", "leads_to"),
    [
        ("SUCCEEDED", "NotifySuccess"),
        ("PARTIALLY_SUCCEEDED", "NotifyPartial"),
        ("FAILED", "NotifyFailure"),
        ("TIMED_OUT", "NotifyFailure"),
    ],
)
def test_the_outcome_follows_the_status(machine: State, status: str, leads_to: str) -> None:
    outcome = machine["States"]["Outcome"]
    chosen = [
        choice["Next"]
        for choice in outcome["Choices"]
        if evaluated(choice["Condition"], input={"status": status})
    ]
    assert (chosen or [outcome["Default"]]) == [leads_to]


def test_a_notification_is_a_message_of_ids_and_counts_with_the_status_as_attribute(
    machine: State,
) -> None:
    counts = {"executionId": "e", "goalId": "g", "status": "SUCCEEDED", "failedActions": 0}
    started = {"startedAt": "2026-11-24T09:30:00.000Z"}
    context = {"Execution": {"Id": "arn:aws:states:x", "StartTime": started["startedAt"]}}
    arguments = evaluated(
        machine["States"]["NotifySuccess"]["Arguments"], input=counts, context=context
    )
    message = {**counts, **started, "executionArn": "arn:aws:states:x"}
    assert json.loads(arguments["Message"]) == message
    attribute = {"DataType": "String", "StringValue": "SUCCEEDED"}
    assert arguments["MessageAttributes"] == {"status": attribute}


def test_a_failed_ending_fails_the_execution_and_others_do_not(machine: State) -> None:
    assert machine["States"]["NotifyFailure"]["Next"] == "Fail"
    assert machine["States"]["NotifySuccess"]["Next"] == "Succeed"
    assert machine["States"]["NotifyPartial"]["Next"] == "Succeed"
    assert machine["States"]["Fail"]["Error"] == "WorkflowFailed"
