"""Prefect: flows and tasks of a server; a task's stored result stands in for its second run.

https://docs.prefect.io/v3/how-to-guides/workflows/retries, /cache-workflow-steps and
/run-work-concurrently: results are kept by their inputs, and a flow that died is run again.
"""

from typing import Any

from prefect import flow, task
from prefect.cache_policies import INPUTS
from prefect.task_runners import ThreadPoolTaskRunner

from bench.peer_runs.job import (
    AT_ONCE,
    ATTEMPTS,
    FIRST_PAUSE_SECONDS,
    ModelBusyError,
    Tasks,
    batches,
    generate,
    load_job,
    mark,
    save,
)

job = load_job()
actions = {action.id: action for action in job.actions}


def is_busy(_task: Any, _run: Any, state: Any) -> bool:
    return isinstance(state.result(raise_on_failure=False), ModelBusyError)


@task(
    retries=ATTEMPTS - 1,
    retry_delay_seconds=[FIRST_PAUSE_SECONDS * 2**number for number in range(ATTEMPTS - 1)],
    retry_condition_fn=is_busy,
    persist_result=True,
    cache_policy=INPUTS,
)
def generate_action(run: str, action_id: str) -> Tasks:
    return generate(job, actions[action_id])


@task(persist_result=True, cache_policy=INPUTS)
def save_batch(run: str, batch: dict[str, Tasks]) -> int:
    save(job, batch)
    return len(batch)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=AT_ONCE), persist_result=True)
def generate_goal(run: str) -> int:
    futures = {each: generate_action.submit(run, each) for each in actions}
    found = {each: future.result(raise_on_failure=False) for each, future in futures.items()}
    mark(job, "generated")
    results = {each: tasks if isinstance(tasks, list) else [] for each, tasks in found.items()}
    return sum(save_batch(run, batch) for batch in batches(results))


mark(job, "began")
generate_goal(job.run)
mark(job, "saved")
