"""The state machine as data: pure functions from settings to Amazon States Language (JSONata).

The state holds ids and counts only. Every task has a time-out, retries errors that may pass and
catches the rest; a failed action or batch never fails its siblings.
"""

import json
from dataclasses import dataclass

from components.compute.states_language import (
    DYNAMODB_TRANSIENT,
    SNS_TRANSIENT,
    State,
    catch,
    retrier,
)
from components.settings import STATE_MARGIN_SECONDS, RetrySettings
from handlers.contract.errors import (
    ERROR_CODE_BY_ERROR_NAME,
    THROTTLED_ERRORS,
    TRANSIENT_ERRORS,
    ErrorCode,
)
from handlers.contract.functions import WORKFLOW_FINISH, WORKFLOW_PREPARE
from handlers.contract.statuses import OPEN_ACTION_STATUSES, ActionStatus, ExecutionStatus
from handlers.contract.table_keys import ACTION_SK_PREFIX

SAVE_TIMEOUT_SECONDS = 300
"""One batch is one transaction; a longer one fails as a batch and does not fail the execution."""

_SERVICE_TIMEOUT_SECONDS = 30

# An execution that was started by hand has none; JSONata then leaves the field out.
_REQUEST = "{'requestId': $states.context.Execution.Input.requestId}"
_INPUT_AND_REQUEST = f"{{% $merge([$states.input, {_REQUEST}]) %}}"
"""A function's input, with the id of the API request for its log lines."""


@dataclass(frozen=True)
class Workflow:
    """What the definition depends on.

    prepare, generate, save, finish: ARNs of the functions' aliases.
    table_name: of the table in which a failed action is marked.
    topic_arn: of the topic to which endings are published.
    timeout_seconds: of the execution; generate_timeout_seconds: of one action's state.
    actions_at_once: model calls in flight; batches_at_once: transactions in flight.
    """

    prepare: str
    generate: str
    save: str
    finish: str
    table_name: str
    topic_arn: str
    timeout_seconds: int
    generate_timeout_seconds: int
    actions_at_once: int
    batches_at_once: int
    retry: RetrySettings
    throttle_retry: RetrySettings


def definition(workflow: Workflow) -> State:
    """The whole machine: prepare, generate all, save all, finish, notify."""
    return {
        "Comment": "Generates the tasks of all actions of a goal, keeps what succeeds",
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": workflow.timeout_seconds,
        "StartAt": "Prepare",
        "States": {
            "Prepare": _prepare(workflow),
            **_WAIT_FOR_TURN,
            "GenerateAll": _generate_all(workflow),
            "SaveAll": _save_all(workflow),
            "Finish": _finish(workflow),
            "FinishFailed": {
                "Type": "Fail",
                "Error": "{% $states.input.error %}",
                "Cause": "workflow-finish failed; workflow-reconcile gives the execution its end",
            },
            **_outcome(workflow),
        },
    }


def _prepare(workflow: Workflow) -> State:
    started = "{'startedAt': $states.context.Execution.StartTime}"
    return {
        "Type": "Task",
        "Resource": workflow.prepare,
        # merged, because only a retry has actionIds, and a turn only who has waited
        "Arguments": f"{{% $merge([$states.input, {started}]) %}}",
        "TimeoutSeconds": WORKFLOW_PREPARE.timeout_seconds + STATE_MARGIN_SECONDS,
        "Retry": _retriers(workflow),
        "Catch": [catch("Finish", "executionId", "goalId")],
        "Next": "TurnHasCome",
    }


# They are there without admission, too: it may be switched on before the execution gets here.
# An earlier version of the function, which a rollback brings back, does not answer it.
_MUST_WAIT = "$exists($states.input.waitSeconds) and $states.input.waitSeconds > 0"
_WAIT_FOR_TURN: dict[str, State] = {
    "TurnHasCome": {
        "Type": "Choice",
        "Choices": [{"Condition": f"{{% {_MUST_WAIT} %}}", "Next": "WaitForTurn"}],
        "Default": "GenerateAll",
    },
    # The wait is the machine's: it takes no function's time, and is no failed attempt.
    "WaitForTurn": {
        "Type": "Wait",
        "Seconds": "{% $states.input.waitSeconds %}",
        "Output": "{% $merge([$states.context.Execution.Input, {'turn': $states.input.turn}]) %}",
        "Next": "Prepare",
    },
}


def _generate_all(workflow: Workflow) -> State:
    """One state an action: states per item are what is paid for, and no item waits for another."""
    return {
        "Type": "Map",
        "Items": "{% $states.input.actionIds %}",
        "ItemSelector": {
            "executionId": "{% $states.input.executionId %}",
            "goalId": "{% $states.input.goalId %}",
            "actionId": "{% $states.context.Map.Item.Value %}",
            "deadline": "{% $states.input.deadline %}",
        },
        "MaxConcurrency": workflow.actions_at_once,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "GenerateTasks",
            "States": {
                "GenerateTasks": {
                    "Type": "Task",
                    "Resource": workflow.generate,
                    "Arguments": _INPUT_AND_REQUEST,
                    "TimeoutSeconds": workflow.generate_timeout_seconds,
                    "Retry": _retriers(workflow),
                    "Catch": [catch("ActionFailed", "executionId", "actionId")],
                    "End": True,
                },
                "ActionFailed": _action_failed(workflow),
                "ActionEnded": {"Type": "Pass", "End": True},
            },
        },
        "Output": "{% $states.input %}",
        "Catch": [catch("Finish", "executionId", "goalId")],
        "Next": "SaveAll",
    }


def _action_failed(workflow: Workflow) -> State:
    """Mark the work item FAILED, unless it has ended: the function may have died before it did."""
    is_open = {f":{status.lower()}": status.value for status in OPEN_ACTION_STATUSES}
    values = {
        **is_open,
        ":failed": ActionStatus.FAILED.value,
        ":code": _error_code("$states.input.error"),
        ":now": "{% $now() %}",
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Arguments": {
            "TableName": workflow.table_name,
            "Key": {
                "pk": {"S": "{% $states.input.executionId %}"},
                "sk": {"S": f"{{% '{ACTION_SK_PREFIX}' & $states.input.actionId %}}"},
            },
            "UpdateExpression": "SET #status = :failed, errorCode = :code, endedAt = :now",
            "ConditionExpression": f"#status IN ({', '.join(is_open)})",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        },
        "TimeoutSeconds": _SERVICE_TIMEOUT_SECONDS,
        "Retry": [retrier(DYNAMODB_TRANSIENT, workflow.retry)],
        "Catch": [catch("ActionEnded")],
        "Output": {},
        "End": True,
    }


def _save_all(workflow: Workflow) -> State:
    return {
        "Type": "Map",
        "Items": "{% $states.input.batches %}",
        "ItemSelector": {
            "executionId": "{% $states.input.executionId %}",
            "goalId": "{% $states.input.goalId %}",
            "actionIds": "{% $states.context.Map.Item.Value %}",
        },
        "MaxConcurrency": workflow.batches_at_once,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "SaveBatch",
            "States": {
                "SaveBatch": {
                    "Type": "Task",
                    "Resource": workflow.save,
                    "Arguments": _INPUT_AND_REQUEST,
                    "TimeoutSeconds": SAVE_TIMEOUT_SECONDS,
                    "Retry": _retriers(workflow),
                    "Catch": [catch("BatchFailed")],
                    "Output": {},
                    "End": True,
                },
                # Finish counts what is not saved.
                "BatchFailed": {"Type": "Pass", "End": True},
            },
        },
        "Output": {
            "executionId": "{% $states.input.executionId %}",
            "goalId": "{% $states.input.goalId %}",
        },
        "Catch": [catch("Finish", "executionId", "goalId")],
        "Next": "Finish",
    }


def _finish(workflow: Workflow) -> State:
    return {
        "Type": "Task",
        "Resource": workflow.finish,
        "Arguments": _INPUT_AND_REQUEST,
        "TimeoutSeconds": WORKFLOW_FINISH.timeout_seconds + STATE_MARGIN_SECONDS,
        "Retry": _retriers(workflow),
        "Catch": [catch("FinishFailed")],
        "Next": "Outcome",
    }


def _outcome(workflow: Workflow) -> dict[str, State]:
    next_by_status = {
        ExecutionStatus.SUCCEEDED: "NotifySuccess",
        ExecutionStatus.PARTIALLY_SUCCEEDED: "NotifyPartial",
    }
    return {
        "Outcome": {
            "Type": "Choice",
            "Choices": [
                {"Condition": f"{{% $states.input.status = '{status}' %}}", "Next": state}
                for status, state in next_by_status.items()
            ],
            "Default": "NotifyFailure",
        },
        "NotifySuccess": _notify(workflow, "Succeed"),
        "NotifyPartial": _notify(workflow, "Succeed"),
        "NotifyFailure": _notify(workflow, "Fail"),
        "Succeed": {"Type": "Succeed"},
        "Fail": {
            "Type": "Fail",
            "Error": "WorkflowFailed",
            "Cause": "{% 'no tasks were saved: ' & $states.input.status %}",
        },
    }


def _notify(workflow: Workflow, following: str) -> State:
    """Publish the ending; if that fails, the execution has ended all the same."""
    execution = "$states.context.Execution"
    more = f"{{'executionArn': {execution}.Id, 'startedAt': {execution}.StartTime}}"
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {
            "TopicArn": workflow.topic_arn,
            "Message": f"{{% $string($merge([$states.input, {more}])) %}}",
            "MessageAttributes": {
                "status": {"DataType": "String", "StringValue": "{% $states.input.status %}"}
            },
        },
        "TimeoutSeconds": _SERVICE_TIMEOUT_SECONDS,
        "Retry": [retrier(SNS_TRANSIENT, workflow.retry)],
        "Catch": [catch(following, "status")],
        "Output": "{% $states.input %}",
        "Next": following,
    }


def _retriers(workflow: Workflow) -> list[State]:
    return [
        retrier(THROTTLED_ERRORS, workflow.throttle_retry),
        retrier(TRANSIENT_ERRORS, workflow.retry),
    ]


def _error_code(error_name: str) -> str:
    """JSONata: the code of an error by its name."""
    codes = json.dumps(ERROR_CODE_BY_ERROR_NAME)
    known = f"$lookup({codes}, {error_name})"
    return f"{{% $exists({known}) ? {known} : '{ErrorCode.FUNCTION_FAILED}' %}}"
