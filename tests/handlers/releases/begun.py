"""An execution in mid-run, as a release leaves it: its items, its lock and the product's rows.

`release.json` is what the release of commit fd99cf6 left. Whoever makes
a release that changes a format writes it anew from the release before: `json.dumps(begin(world))`.
"""

from typing import Any

from handlers.contract.errors import ErrorCode
from tests.handlers.world import TABLE_NAME, World

PRODUCT = ("users", "goals", "sub_goals", "actions", "goal_workflows")


def begin(world: World) -> dict[str, Any]:
    """Four actions: generated, at work, failed, waiting; and what the machine will say next."""
    goal = world.add_goal()
    execution = world.start(goal)
    plan = world.prepare(goal, execution)
    generated, at_work, failed, _ = goal.action_ids
    world.generate(execution, generated)
    world.attempts.begin(execution, at_work, prompt_version="1", model="nova")
    world.fail(execution, failed, ErrorCode.CONTENT_FILTERED)
    ids = {"executionId": execution, "goalId": goal.goal_id, "requestId": "JKJaXmPLvHcESHA="}
    return {
        "events": {
            "prepare": {**ids, "startedAt": "2026-11-24T09:30:00Z"},
            "generate": {**ids, "actionId": at_work, "deadline": plan.deadline},
            "save": {**ids, "actionIds": plan.batches[0]},
            "finish": ids,
            "finish after an error": {**ids, "error": "States.TaskFailed"},
            "status change": {"detail": {"name": execution, "status": "TIMED_OUT"}},
        },
        "items": world.dynamodb.scan(TableName=TABLE_NAME)["Items"],
        "product": {
            table: [row for (row,) in world.sql(f"SELECT to_jsonb(t) FROM {table} t")]
            for table in PRODUCT
        },
    }
