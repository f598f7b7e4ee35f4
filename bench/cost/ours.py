"""What this workflow uses for a goal whose actions all succeed.

Requests are counted in tests (tests/handlers/executions/test_requests.py), transitions and log
bytes on the embedded cloud. Seconds of functions are those of a warm function there, on a machine
of two cores; on AWS they are fewer.
"""

from math import ceil

from bench.cost.goal import Goal
from handlers.contract.functions import (
    FUNCTIONS,
    SLACK_NOTIFIER,
    TASK_GENERATION,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_SAVE_BATCH,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)

STATES_BESIDE_ITEMS = 8
"""Prepare, its turn, GenerateAll, SaveAll, Finish, the outcome, its notification and its end."""

PREPARED_AT_ONCE = 100
"""Items of one transaction (DynamoDB's limit)."""

_OWN_SECONDS = {
    WORKFLOW_START: 0.15,
    WORKFLOW_STATUS: 0.03,
    WORKFLOW_PREPARE: 0.15,
    TASK_GENERATION: 0.1,
    WORKFLOW_SAVE_BATCH: 0.1,
    WORKFLOW_FINISH: 0.13,
    WORKFLOW_RECONCILE: 0.05,
    SLACK_NOTIFIER: 0.2,
}
_INDEXES = 3
"""Each write of a record is one of each index too: all of them project all attributes."""

LOG_BYTES_OF_GENERATION = 2083
"""An action's lines in task-generation's log, metrics included."""

_LOG_BYTES_OF_MACHINE = 2654
"""An action's lines in the machine's log: level ALL, without data."""

_BYTES_AN_EXECUTION = 16_000


def invocations(goal: Goal) -> dict[FunctionSpec, float]:
    """Function -> invocations; the end's event wakes workflow-reconcile once."""
    counts = dict.fromkeys(
        (WORKFLOW_START, WORKFLOW_PREPARE, WORKFLOW_FINISH, WORKFLOW_RECONCILE, SLACK_NOTIFIER), 1.0
    )
    return {
        **counts,
        TASK_GENERATION: goal.actions,
        WORKFLOW_SAVE_BATCH: goal.batches,
        WORKFLOW_STATUS: goal.polls,
    }


def table_requests(goal: Goal) -> dict[str, int]:
    """DynamoDB's operation -> requests, from the start to the end, without those of watching."""
    prepared = ceil(goal.actions / PREPARED_AT_ONCE)
    return {
        "PutItem": 1,
        "UpdateItem": 1 + goal.actions + 2,
        "TransactWriteItems": prepared + goal.actions + goal.batches,
        "BatchGetItem": goal.batches,
        "Query": 4,
        "GetItem": 1,
    }


def transitions(goal: Goal) -> int:
    """One state an action, one a batch."""
    return goal.actions + goal.batches + STATES_BESIDE_ITEMS


def write_units(goal: Goal) -> float:
    """A unit a KB that is begun; transactions cost twice."""
    item, tasks = ceil(goal.item_kb), ceil(goal.tasks_kb)
    an_action = 2 * item + item + 2 * (item + tasks) + 2 * item  # prepare, begin, keep, save
    second_calls = goal.actions * goal.calls_an_action * goal.hedged_share
    records = 4 * (1 + _INDEXES)
    return goal.actions * an_action + second_calls * 2 * item + records  # its begin and its end


def read_units(goal: Goal) -> float:
    """A unit for 4 KB that are begun; a query is rounded once, a read of an item each time."""
    all_items = ceil(goal.actions * goal.item_kb / 4)
    with_record = ceil((goal.actions * goal.item_kb + 1) / 4)
    saved = goal.actions * ceil(goal.tasks_kb / 4)
    return saved + 4 * all_items + 1 + goal.polls * with_record


def use(goal: Goal) -> dict[str, float]:
    """Item of the price list -> how many of it; tokens apart."""
    calls = invocations(goal)
    memory_gb = {spec: spec.memory_mb / 1024 for spec in FUNCTIONS}
    waiting = goal.actions * goal.calls_an_action * goal.call_seconds * memory_gb[TASK_GENERATION]
    own = sum(count * _OWN_SECONDS[spec] * memory_gb[spec] for spec, count in calls.items())
    return {
        "transition": transitions(goal),
        "lambda_request": sum(calls.values()),
        "lambda_gb_second": waiting + own,
        "write_unit": write_units(goal),
        "read_unit": read_units(goal),
        "log_gb": _log_bytes(goal) / 1e9,
        "http_request": 1 + goal.polls,
        "trace": goal.traced * (1 + goal.polls),
        "kms_request": 8,  # data keys of topic and queues; the table's own are cached by DynamoDB
        "secret_request": 1,
    }


def machine_log_bytes(goal: Goal) -> float:
    """What the machine logs of a goal's actions."""
    return goal.actions * _LOG_BYTES_OF_MACHINE


def _log_bytes(goal: Goal) -> float:
    of_functions = goal.actions * LOG_BYTES_OF_GENERATION + _BYTES_AN_EXECUTION
    return machine_log_bytes(goal) + of_functions
