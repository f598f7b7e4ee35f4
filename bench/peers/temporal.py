"""Temporal: a server keeps each workflow's history, and this process works through its queues.

https://docs.temporal.io/develop/python: activities with retry policies; a semaphore in the
workflow's code limits those in flight, and a dead worker's activities time out and run again.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from bench.peer_runs.job import (
        AT_ONCE,
        ATTEMPTS,
        FIRST_PAUSE_SECONDS,
        ModelRefusedError,
        Tasks,
        batches,
        generate,
        has,
        load_job,
        mark,
        save,
    )

    job = load_job()

QUEUE = "goals"
CALL_TIMEOUT = timedelta(seconds=30)
"""How long a dead worker's activity is waited for; the model's slowest call must fit."""

actions = {action.id: action for action in job.actions}
retries = RetryPolicy(
    initial_interval=timedelta(seconds=FIRST_PAUSE_SECONDS),
    maximum_attempts=ATTEMPTS,
    non_retryable_error_types=[ModelRefusedError.__name__],
)


@activity.defn
def generate_action(action_id: str) -> Tasks:
    return generate(job, actions[action_id])


@activity.defn
def save_batch(batch: dict[str, Tasks]) -> None:
    save(job, batch)


@activity.defn
def mark_generated() -> None:
    mark(job, "generated")


@workflow.defn
class GenerateGoal:
    @workflow.run
    async def run(self, action_ids: list[str]) -> int:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(action_id: str) -> Tasks:
            async with places:
                try:
                    return await workflow.execute_activity(
                        generate_action,
                        action_id,
                        start_to_close_timeout=CALL_TIMEOUT,
                        retry_policy=retries,
                    )
                except ActivityError:
                    return []

        found = await asyncio.gather(*map(one, action_ids))
        await workflow.execute_activity(mark_generated, start_to_close_timeout=CALL_TIMEOUT)
        for batch in batches(dict(zip(action_ids, found, strict=True))):
            await workflow.execute_activity(
                save_batch, batch, start_to_close_timeout=CALL_TIMEOUT, retry_policy=retries
            )
        return len(found)


async def main() -> None:
    client = await Client.connect(job.servers["server"])
    with ThreadPoolExecutor(AT_ONCE) as threads:
        activities = [generate_action, save_batch, mark_generated]
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[GenerateGoal],
            activities=activities,
            activity_executor=threads,
            max_concurrent_activities=AT_ONCE,
        ):
            if not has(job, "began"):
                mark(job, "began")
            await client.execute_workflow(
                GenerateGoal.run,
                list(actions),
                id=job.run,
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            mark(job, "saved")


if __name__ == "__main__":
    asyncio.run(main())
