"""Executions as the program writes them, with its own stores: no function has to run for them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from handlers.contract.clock import utc_now
from handlers.contract.ids import new_execution_id
from handlers.contract.statuses import ExecutionStatus
from handlers.storage.access import TableAccess
from handlers.storage.attempts import Attempts
from handlers.storage.models import ActionContext, GeneratedTask, KeptAnswer, Usage
from handlers.storage.table import WorkflowTable
from ops.backups.items import Item
from ops.stack import Stack

TASK = GeneratedTask("調べる", "三つの例を読む", "EXECUTION", 30)
CONTEXT = ActionContext("走る", "EXECUTION", "体力", "完走する")


def access_to(client: Any, name: str) -> TableAccess:
    """What the program's own stores take."""
    return TableAccess(client, name, 90)


def begin(access: TableAccess, arns: str, actions: Sequence[str]) -> str:
    """An execution whose actions wait; its id."""
    table, execution_id = WorkflowTable.of(access), new_execution_id()
    table.records.begin(
        execution_id,
        goal_id="6c1f0f0e-0000-4000-8000-000000000001",
        user_id="6c1f0f0e-0000-4000-8000-000000000002",
        execution_arn=f"{arns}{execution_id}",
        total_actions=len(actions),
        started_at=utc_now(),
    )
    table.work_items.add(execution_id, dict.fromkeys(actions, CONTEXT))
    return execution_id


def generate(access: TableAccess, execution_id: str, action: str) -> None:
    """One attempt that works."""
    attempts = Attempts(*access)
    attempts.begin(execution_id, action, prompt_version="v1", model="m")
    answer = KeptAnswer([TASK], prompt_version="v1", model="nova")
    attempts.keep_tasks(execution_id, action, 1, answer, Usage(100, 20))


def end(access: TableAccess, execution_id: str, actions: Sequence[str]) -> None:
    """Generate and save every action, and end the record."""
    for action in actions:
        generate(access, execution_id, action)
    table = WorkflowTable.of(access)
    table.work_items.mark_saved(execution_id, actions)
    table.records.end(
        execution_id,
        ExecutionStatus.SUCCEEDED,
        succeeded_actions=len(actions),
        task_count=len(actions),
    )


def ended_executions(stack: Stack, number: int, actions: int = 3, at_once: int = 1) -> list[str]:
    """Executions that have ended; their ids. moto takes one call at once."""
    access = access_to(stack.client("dynamodb"), stack.names.table)
    arns = stack.names.execution_arns.removesuffix("*")
    names = [f"action-{each}" for each in range(actions)]

    def one(_: int) -> str:
        execution_id = begin(access, arns, names)
        end(access, execution_id, names)
        return execution_id

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(number)))


def key(pk: str, sk: str) -> Item:
    """A key in DynamoDB's form."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}
