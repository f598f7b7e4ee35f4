"""Restate: a server keeps the journal of each invocation, and calls this process over HTTP/2.

https://docs.restate.dev/guides/parallelizing-work and /develop/python/durable-steps: an action is
an invocation of its own; the workflow keeps 24 of them open, for Restate has no such limit.
"""

import asyncio
import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import hypercorn.asyncio
import hypercorn.config
import restate

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
actions = {action.id: action for action in job.actions}
model = restate.Service("model")
goal = restate.Workflow("goal")
retries = restate.RunOptions(
    max_attempts=ATTEMPTS, initial_retry_interval=timedelta(seconds=FIRST_PAUSE_SECONDS)
)


def ask(action_id: str) -> Tasks:
    try:
        return generate(job, actions[action_id])
    except ModelRefusedError as error:
        raise restate.TerminalError(str(error)) from None


@model.handler()
async def generate_action(ctx: restate.Context, action_id: str) -> Tasks:
    try:
        return await ctx.run_typed("ask", ask, retries, action_id=action_id)
    except restate.TerminalError:
        return []


@goal.main()
async def run(ctx: restate.WorkflowContext, _input: None) -> int:
    started, waiting = {}, []
    for action_id in actions:
        if len(waiting) == AT_ONCE:
            _, waiting = await restate.wait_completed(*waiting)
        started[action_id] = ctx.service_call(generate_action, action_id)
        waiting.append(started[action_id])
    results = {action_id: await future for action_id, future in started.items()}
    mark(job, "generated")
    for batch in batches(results):
        await ctx.run_typed("save", save, job=job, batch=batch)
    return len(results)


def post(url: str, body: object) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, timeout=300).read()


def call() -> None:
    url = f"{job.servers['ingress']}/goal/{job.run}/run"
    if not has(job, "began"):
        post(f"{job.servers['admin']}/deployments", {"uri": job.servers["worker"], "force": True})
        mark(job, "began")
        post(f"{url}/send", None)
    attach = f"{job.servers['ingress']}/restate/workflow/goal/{job.run}/attach"
    urllib.request.urlopen(attach, timeout=300).read()
    mark(job, "saved")


async def main() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE + 4))
    config = hypercorn.config.Config()
    config.bind = [job.servers["worker"].removeprefix("http://")]
    stop = asyncio.Event()
    app = restate.app(services=[model, goal])
    serving = asyncio.create_task(hypercorn.asyncio.serve(app, config, shutdown_trigger=stop.wait))
    await asyncio.to_thread(call)
    stop.set()
    await serving


asyncio.run(main())
