"""asyncio and a semaphore: nothing durable, so the bound of what the others may cost."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bench.peer_runs.job import (
    AT_ONCE,
    ATTEMPTS,
    FIRST_PAUSE_SECONDS,
    Action,
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
places = asyncio.Semaphore(AT_ONCE)


async def generate_action(action: Action) -> Tasks:
    async with places:
        for attempt in range(ATTEMPTS):
            try:
                return await asyncio.to_thread(generate, job, action)
            except ModelBusyError:
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            except ModelRefusedError:
                break
    return []


async def main() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE))
    mark(job, "began")
    found = await asyncio.gather(*map(generate_action, job.actions))
    mark(job, "generated")
    results = {action.id: tasks for action, tasks in zip(job.actions, found, strict=True)}
    for batch in batches(results):
        await asyncio.to_thread(save, job, batch)
    mark(job, "saved")


asyncio.run(main())
