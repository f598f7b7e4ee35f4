"""LangGraph: a graph whose state and finished nodes are checkpointed in PostgreSQL.

https://docs.langchain.com/oss/python/langgraph/use-graph-api (map-reduce with Send, RetryPolicy)
and /persistence: what a superstep's finished nodes wrote survives, the others run again. A
semaphore of our own holds 24 at once: behind the option max_concurrency the writes of finished
nodes wait with the nodes that wait, and a kill would lose them.
"""

import asyncio
import operator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy, Send

from bench.peer_runs.job import (
    AT_ONCE,
    ATTEMPTS,
    FIRST_PAUSE_SECONDS,
    ModelBusyError,
    ModelRefusedError,
    Tasks,
    batches,
    generate,
    load_job,
    mark,
    save,
)

job = load_job()
actions = {action.id: action for action in job.actions}
places = asyncio.Semaphore(AT_ONCE)


class Goal(TypedDict):
    results: Annotated[dict[str, Tasks], operator.or_]
    saved: Annotated[int, operator.add]


async def generate_action(state: dict[str, Any]) -> dict[str, Any]:
    try:
        async with places:
            tasks = await asyncio.to_thread(generate, job, actions[state["id"]])
        return {"results": {state["id"]: tasks}}
    except ModelRefusedError:
        return {"results": {state["id"]: []}}


def collect(_state: Goal) -> dict[str, Any]:
    mark(job, "generated")
    return {}


async def save_batch(state: dict[str, Any]) -> dict[str, Any]:
    await asyncio.to_thread(save, job, state["batch"])
    return {"saved": len(state["batch"])}


busy = RetryPolicy(
    initial_interval=FIRST_PAUSE_SECONDS, max_attempts=ATTEMPTS, retry_on=ModelBusyError
)
graph = StateGraph(Goal)
graph.add_node("generate_action", generate_action, retry_policy=busy)
graph.add_node("collect", collect)
graph.add_node("save_batch", save_batch)
graph.add_conditional_edges(
    START,
    lambda _: [Send("generate_action", {"id": each}) for each in actions],
    ["generate_action"],
)
graph.add_edge("generate_action", "collect")
graph.add_conditional_edges(
    "collect",
    lambda goal: [Send("save_batch", {"batch": batch}) for batch in batches(goal["results"])],
    ["save_batch"],
)
graph.add_edge("save_batch", END)


async def main() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE))
    async with AsyncPostgresSaver.from_conn_string(job.state_url) as checkpointer:
        await checkpointer.setup()
        compiled = graph.compile(checkpointer=checkpointer)
        config: Any = {"configurable": {"thread_id": job.run}}
        begun = (await compiled.aget_state(config)).created_at is not None
        mark(job, "began")
        goal = None if begun else {"results": {}, "saved": 0}
        await compiled.ainvoke(goal, config, durability="sync")
        mark(job, "saved")


asyncio.run(main())
