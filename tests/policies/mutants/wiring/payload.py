"""Mutants of what states hand on, retry and write."""

from tests.policies.mutate import REMOVED, Mutant, all_changes, edit_input, set_input
from tests.policies.names import ARN, MACHINE, TASK

PAYLOAD = "wiring-payload"
RETRIES = "wiring-retries"
LOST = "wiring-lost-calls"
ITEMS = "wiring-items"
STATES = "definition.States"
FAILED = TASK.replace("GenerateTasks", "ActionFailed")
VALUES = f"{FAILED}.Arguments.ExpressionAttributeValues"
_FINISH = ARN.format("lambda", "function:goal-mandala-prod-workflow-finish:live")
_WITH_REQUEST = (
    "{% $merge([$states.input, {'requestId': $states.context.Execution.Input.requestId}]) %}"
)


def _mutant(policy: str, what: str, path: str, value: object, *, near_miss: bool = False) -> Mutant:
    return Mutant(policy, what, set_input(MACHINE, path, value), near_miss=near_miss)


MUTANTS = (
    _mutant(PAYLOAD, "no start time for the deadline", f"{STATES}.Prepare.Arguments", REMOVED),
    _mutant(
        PAYLOAD, "an item without its goal", f"{STATES}.GenerateAll.ItemSelector.goalId", REMOVED
    ),
    _mutant(PAYLOAD, "items without ids", f"{STATES}.SaveAll.ItemSelector", REMOVED),
    _mutant(
        PAYLOAD,
        "the plan replaced by the actions' answers",
        f"{STATES}.GenerateAll.Output",
        REMOVED,
    ),
    _mutant(PAYLOAD, "an ending of no goal", f"{STATES}.SaveAll.Output.goalId", REMOVED),
    _mutant(
        PAYLOAD,
        "an error that workflow-finish does not learn of",
        f"{STATES}.Prepare.Catch.0.Output.error",
        REMOVED,
    ),
    _mutant(
        PAYLOAD,
        "a failed action without its id",
        f"{TASK}.Catch.0.Output.actionId",
        REMOVED,
    ),
    _mutant(
        PAYLOAD,
        "a field that the function refuses",
        f"{STATES}.GenerateAll.ItemSelector.priority",
        1,
    ),
    _mutant(
        PAYLOAD,
        "log lines without the request",
        f"{STATES}.Finish.Arguments",
        "{% $states.input %}",
    ),
    _mutant(
        PAYLOAD,
        "a misspelt field",
        f"{STATES}.SaveAll.Items",
        "{% $states.input.batchs %}",
    ),
    _mutant(
        PAYLOAD,
        "fields one by one, and an expression that the pack cannot read",
        f"{STATES}.Prepare.Arguments",
        "{% $sift($states.input, function($v, $k) { $k != 'x' }) %}",
        near_miss=True,
    ),
    _mutant(
        PAYLOAD,
        "the ids written out",
        f"{STATES}.GenerateAll.Output",
        {
            "executionId": "{% $states.input.executionId %}",
            "goalId": "{% $states.input.goalId %}",
            "batches": "{% $states.input.batches %}",
        },
        near_miss=True,
    ),
    Mutant(
        PAYLOAD,
        "the function by the optimized integration",
        all_changes(
            set_input(MACHINE, f"{STATES}.Finish.Resource", "arn:aws:states:::lambda:invoke"),
            set_input(
                MACHINE,
                f"{STATES}.Finish.Arguments",
                {"FunctionName": _FINISH, "Payload": _WITH_REQUEST},
            ),
            set_input(MACHINE, f"{STATES}.Finish.Output", "{% $states.result.Payload %}"),
        ),
        near_miss=True,
    ),
    Mutant(
        PAYLOAD,
        "the optimized integration without the request",
        all_changes(
            set_input(MACHINE, f"{STATES}.Finish.Resource", "arn:aws:states:::lambda:invoke"),
            set_input(
                MACHINE,
                f"{STATES}.Finish.Arguments",
                {"FunctionName": _FINISH, "Payload": "{% $states.input %}"},
            ),
        ),
    ),
    Mutant(
        RETRIES,
        "a model that is throttled is not asked again",
        edit_input(MACHINE, f"{TASK}.Retry", lambda old: old[1:]),
    ),
    Mutant(
        RETRIES,
        "a database that restarts fails the batch",
        edit_input(
            MACHINE,
            f"{STATES}.SaveAll.ItemProcessor.States.SaveBatch.Retry.1.ErrorEquals",
            lambda old: [each for each in old if each != "DatabaseUnavailableError"],
        ),
    ),
    _mutant(RETRIES, "a quota's minute not waited for", f"{TASK}.Retry.0.MaxAttempts", 2),
    _mutant(RETRIES, "a user who waits for a passing error", f"{TASK}.Retry.1.IntervalSeconds", 50),
    _mutant(
        RETRIES,
        "a misspelt error",
        f"{STATES}.NotifySuccess.Retry.0.ErrorEquals.0",
        "SNS.InternalErrorExceptions",
    ),
    _mutant(RETRIES, "an error that DynamoDB may have", f"{FAILED}.Retry.0.ErrorEquals.0", "x.y"),
    Mutant(
        RETRIES,
        "a third retrier, and slower ones",
        all_changes(
            edit_input(
                MACHINE,
                f"{TASK}.Retry",
                lambda old: [
                    *old,
                    {
                        "ErrorEquals": ["ContentFilteredError"],
                        "IntervalSeconds": 5,
                        "MaxAttempts": 2,
                        "BackoffRate": 2,
                        "MaxDelaySeconds": 20,
                        "JitterStrategy": "FULL",
                    },
                ],
            ),
            set_input(MACHINE, f"{TASK}.Retry.1.IntervalSeconds", 5),
        ),
        near_miss=True,
    ),
    _mutant(LOST, "half an execution for one call", f"{STATES}.Prepare.TimeoutSeconds", 450),
    _mutant(LOST, "three seconds to publish", f"{STATES}.NotifySuccess.TimeoutSeconds", 3),
    _mutant(
        LOST, "a minute to publish", f"{STATES}.NotifySuccess.TimeoutSeconds", 60, near_miss=True
    ),
    _mutant(ITEMS, "an item of no action", f"{FAILED}.Arguments.Key.sk", REMOVED),
    _mutant(ITEMS, "a status that handlers do not know", f"{VALUES}.:failed.S", "BROKEN"),
    _mutant(ITEMS, "a status that never was", f"{VALUES}.:pending.S", "WAITING"),
    _mutant(
        ITEMS,
        "an attribute that nobody reads",
        f"{FAILED}.Arguments.ExpressionAttributeNames.#status",
        "state",
    ),
    _mutant(
        ITEMS,
        "a condition with a typing error",
        f"{FAILED}.Arguments.ConditionExpression",
        "#status IN (:pending, :generating)x",
    ),
    _mutant(
        ITEMS,
        "a condition on two attributes",
        f"{FAILED}.Arguments.ConditionExpression",
        "attribute_exists(pk) AND #status IN (:pending, :generating)",
        near_miss=True,
    ),
)
