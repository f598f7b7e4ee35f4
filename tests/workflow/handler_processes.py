"""The processes of handlers, to be killed by tests."""

import random
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

import psutil

from tests.workflow.stage import Stage


def workers_of(stage: Stage, function: str) -> list[psutil.Process]:
    """The processes of a function."""
    emulator = psutil.Process(stage.state.pids["emulator"])
    return [
        process
        for process in emulator.children(recursive=True)
        if _function_of(process).endswith(function)
    ]


def _function_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
    except psutil.Error:
        return ""  # the process has just ended


@contextmanager
def killed_at_random(
    stage: Stage, function: str, choice: random.Random, at_most: int
) -> Generator[list[int]]:
    """Kill some of a function's processes while the block runs; yields their ids."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < at_most and not over.wait(choice.uniform(0.02, 0.2)):
            workers = workers_of(stage, function)
            if workers:
                worker = choice.choice(workers)
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
                    killed.append(worker.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()
