"""LangGraph: a graph whose state and finished nodes are checkpointed in PostgreSQL.

https://docs.langchain.com/oss/python/langgraph/use-graph-api (map-reduce with Send, RetryPolicy)
and /persistence: what a superstep's finished nodes wrote survives, the others run again.
"""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
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


class Goal(TypedDict):
    results: Annotated[dict[str, Tasks], operator.or_]
    saved: Annotated[int, operator.add]


def generate_action(state: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"results": {state["id"]: generate(job, actions[state["id"]])}}
    except ModelRefusedError:
        return {"results": {state["id"]: []}}


def collect(_state: Goal) -> dict[str, Any]:
    mark(job, "generated")
    return {}


def save_batch(state: dict[str, Any]) -> dict[str, Any]:
    save(job, state["batch"])
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

with PostgresSaver.from_conn_string(job.state_url) as checkpointer:
    checkpointer.setup()
    compiled = graph.compile(checkpointer=checkpointer)
    config: Any = {"configurable": {"thread_id": job.run}, "max_concurrency": AT_ONCE}
    begun = compiled.get_state(config).created_at is not None
    mark(job, "began")
    compiled.invoke(None if begun else {"results": {}, "saved": 0}, config, durability="sync")
    mark(job, "saved")
