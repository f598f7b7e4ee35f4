"""DBOS Transact: a library; queues, steps and transactions recorded in PostgreSQL.

https://docs.dbos.dev/python/tutorials/queue-tutorial, /transaction-tutorial: an action is a
workflow on a queue of 24, and a batch is a transaction that also records its own step.
"""

from dbos import DBOS, DBOSConfig, SetWorkflowID, SQLAlchemyDatasource

from bench.peer_runs.job import (
    AT_ONCE,
    ATTEMPTS,
    FIRST_PAUSE_SECONDS,
    INSERT_TASK,
    ModelBusyError,
    ModelRefusedError,
    Tasks,
    batches,
    die_if_asked,
    generate,
    load_job,
    mark,
    rows,
)

QUEUE = "actions"
job = load_job()
actions = {action.id: action for action in job.actions}
product = SQLAlchemyDatasource.create(
    job.database_url.replace("postgresql:", "postgresql+psycopg:")
)


@DBOS.step(
    retries_allowed=True,
    max_attempts=ATTEMPTS,
    interval_seconds=FIRST_PAUSE_SECONDS,
    should_retry=lambda error: isinstance(error, ModelBusyError),
)
def ask(action_id: str) -> Tasks:
    return generate(job, actions[action_id])


@DBOS.workflow()
def generate_action(action_id: str) -> Tasks:
    try:
        return ask(action_id)
    except (ModelBusyError, ModelRefusedError):
        return []


@product.transaction()
def save_batch(batch: dict[str, Tasks]) -> None:
    session = product.sql_session()
    session.connection().exec_driver_sql(INSERT_TASK, rows(batch))
    die_if_asked(job)


@DBOS.workflow()
def generate_goal() -> None:
    handles = {
        action_id: DBOS.enqueue_workflow(QUEUE, generate_action, action_id) for action_id in actions
    }
    results = {action_id: handle.get_result() for action_id, handle in handles.items()}
    mark(job, "generated")
    for batch in batches(results):
        save_batch(batch)
    mark(job, "saved")


config: DBOSConfig = {
    "name": "goal-mandala",
    "system_database_url": job.state_url,
    "application_version": "1",
    "log_level": "WARNING",
}
DBOS(config=config)
DBOS.launch()
DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=0.1)
mark(job, "began")
with SetWorkflowID(job.run):
    handle = DBOS.start_workflow(generate_goal)
handle.get_result()
DBOS.destroy()
