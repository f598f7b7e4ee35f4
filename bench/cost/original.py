"""The same goal in the shape of the original: batches in a Map of Maps, three states an action.

Read from its definition, handlers and prompt (github.com/satoshi256kbyte/goal-mandala, commit
1d2a8cd: task-generation-workflow.json, task-generation-workflow-stack.ts, prompt-template.ts):
GenerateTasks, SaveTasks and MarkActionSuccess for an action, a Map and UpdateBatchProgress for a
batch, eight states around them; the machine's log holds all data. It keeps its progress in
PostgreSQL, so it uses no table. Its functions run on x86, priced here as ours are.
"""

from bench.cost import ours
from bench.cost.goal import Goal
from handlers.contract.functions import TASK_GENERATION

STATES_AN_ACTION, STATES_A_BATCH, STATES_BESIDE = 3, 2, 8
FUNCTIONS_BESIDE = 5
"""ValidateInput, GetActions, CreateBatches, AggregateResults, UpdateGoalStatus."""

_SMALL_GB, _SMALL_SECONDS = 0.5, 0.1
"""Its other functions have 512 MB; seconds as of ours."""

_CONTEXT_BYTES = 1500
"""An action with its goal and sub-goal, as the machine carries it."""

_EVENT_BYTES = 400
_EVENTS_A_TASK, _EVENTS_WITH_DATA = 6, 4
"""Entered, scheduled, started, succeeded, exited and the Map's; of these with input or output."""

INPUT_TOKENS = 310
"""Of its prompt filled with the example goal, by the model server's estimate. It leaves out most of
the context that the product's facts ask for: the goal's and the sub-goal's description, the goal's
background and constraints. It has no tool schema and nothing against injected instructions."""

INPUT_TOKENS_OF_SAME_CONTEXT = 613
"""Of the same prompt if those texts stood in it too, a line each: 253 of its own, 360 of texts."""


def transitions(goal: Goal) -> int:
    """Three states an action, two a batch."""
    return STATES_AN_ACTION * goal.actions + STATES_A_BATCH * goal.batches + STATES_BESIDE


def use(goal: Goal) -> dict[str, float]:
    """Item of the price list -> how many of it; tokens apart."""
    small = goal.actions + goal.batches + FUNCTIONS_BESIDE
    calls_seconds = goal.actions * goal.calls_an_action * goal.call_seconds
    generation_gb = TASK_GENERATION.memory_mb / 1024
    return {
        "transition": transitions(goal),
        "lambda_request": goal.actions + small + 1 + goal.polls,
        "lambda_gb_second": calls_seconds * generation_gb
        + 0.1 * goal.actions * generation_gb
        + (small + 1 + goal.polls) * _SMALL_SECONDS * _SMALL_GB,
        "log_gb": _log_bytes(goal) / 1e9,
        "http_request": 1 + goal.polls,
        "trace": goal.traced * (1 + goal.polls),
        "secret_request": 1,
    }


def _log_bytes(goal: Goal) -> float:
    events = transitions(goal) * _EVENTS_A_TASK
    answer = goal.tasks_kb * 1000
    of_actions = goal.actions * STATES_AN_ACTION * _EVENTS_WITH_DATA * (_CONTEXT_BYTES + answer)
    of_batches = 2 * _EVENTS_WITH_DATA * goal.actions * _CONTEXT_BYTES
    whole = goal.actions * _CONTEXT_BYTES  # from GetActions on, each state carries all actions
    functions = goal.actions * ours.LOG_BYTES_OF_GENERATION
    return (
        events * _EVENT_BYTES
        + of_actions
        + of_batches
        + (STATES_BESIDE - 2) * _EVENTS_WITH_DATA * whole
        + functions
    )
