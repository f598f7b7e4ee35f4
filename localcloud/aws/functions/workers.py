"""A function's processes: how many start at once, how long that may take, what ends with one.

MiniStack gives every invocation that finds no idle process a new one, at once. On AWS each of them
has a processor of its own; here a hundred starts share a few cores, and none is ready before its
init runs out of time. So only so many processes start at once as there are cores, and an
invocation that waits takes what is ready first: a new process, or one that has become idle.

A process that dies as it starts fails its own invocation and no other. MiniStack ends all processes
of the function then, also those at work. On AWS each execution environment is its own, and the
invocation fails with Runtime.ExitError.
"""

import os
import subprocess
import threading
import time
from typing import Any

from localcloud.aws import traces
from localcloud.aws.ministack import Json, functions, lambda_runtime

INIT_SECONDS = 60.0
"""The init phase, by the clock, until it is done again within the invocation's own time-out.

On AWS 10 s (Lambda Developer Guide: execution environment lifecycle), with a processor of its own.
"""

_ENDS = "the emulator ends"
_END_SECONDS = 10.0
_AT_ONCE = len(os.sched_getaffinity(0))

_invoke = lambda_runtime.ProvidedWorker.invoke
_spawn = lambda_runtime.ProvidedWorker._spawn
_acquire = lambda_runtime.acquire_worker
_release = lambda_runtime.release_worker
_emit_logs = functions._emit_lambda_logs

_changed = threading.Condition()
_starting: set[Any] = set()
_ended = threading.Event()
_thread = threading.local()


def acquire(
    name: str, config: Json, code: bytes, qualifier: str = "$LATEST", *limits: Any
) -> tuple[Any, str]:
    """A process for one invocation: idle, or to be started (replaces `acquire_worker`)."""
    began = time.monotonic()
    with _changed:
        while True:
            if _ended.is_set():
                raise RuntimeError(_ENDS)
            worker, how = _idle(lambda_runtime._worker_key(name, config, qualifier)), "reused"
            if worker is None and len(_starting) < _AT_ONCE:
                worker, how = _acquire(name, config, code, qualifier, *limits)
                _starting.add(worker)
            if worker is not None:
                break
            _changed.wait()
    _thread.init_seconds = time.monotonic() - began
    return worker, how


def spawn(worker: Any, init_timeout: float | None = None) -> None:
    """The init phase (replaces `ProvidedWorker._spawn`)."""
    if _ended.is_set():
        raise RuntimeError(_ENDS)
    began = time.monotonic()
    _spawn(worker, INIT_SECONDS if init_timeout is None else init_timeout)
    _thread.init_seconds = init_seconds() + time.monotonic() - began
    _no_longer_starting(worker)


def invoke(worker: Any, event: Any, request_id: str, **keywords: Any) -> Json:
    """One invocation (replaces MiniStack's `ProvidedWorker.invoke`); a failed start is a result."""
    trace = traces.invocation(worker.config)
    try:
        result = _invoke(worker, event, request_id, **{**keywords, "trace_id": trace.header})
    except RuntimeError as error:
        result = _failure(str(error), getattr(error, "error_type", ""))
    finally:
        _no_longer_starting(worker)
    if isinstance(result.get("result"), str) and _has_exited(worker):
        # MiniStack takes what a process sent before it was killed for its whole answer, as text.
        result = _failure("Runtime exited while it sent its answer", log=result["log"])
    trace.end(request_id, failed=result["status"] == "error")
    return result


def _failure(message: str, name: str = "", log: str = "") -> Json:
    payload = {"errorMessage": message, "errorType": name or "Runtime.ExitError"}
    return {"status": "error", "error": message, "error_payload": payload, "log": log}


def _has_exited(worker: Any) -> bool:
    """Whether its process is gone, or goes within the fifth of a second that dying may take."""
    process = worker._proc
    try:
        return process is None or process.wait(timeout=0.2) is not None
    except subprocess.TimeoutExpired:
        return False


def release(worker: Any) -> None:
    """Let others have the process (replaces `release_worker`)."""
    _release(worker)
    _no_longer_starting(worker)


def end_all() -> None:
    """End every process; none starts any more."""
    _ended.set()
    lambda_runtime.reset()
    until = time.monotonic() + _END_SECONDS
    while (late := _still_starting()) and time.monotonic() < until:
        # one that was being started may have had no process yet that could be ended
        lambda_runtime.kill_workers(late)
        time.sleep(0.05)


def init_seconds() -> float:
    """How long this thread's invocation waited for its process: no part of its duration."""
    return getattr(_thread, "init_seconds", 0.0)


def emit_logs(
    function: Json, request_id: str, log: str, error: Any, duration_ms: int, **more: Any
) -> None:
    """An invocation's log, its duration without the init phase (replaces `_emit_lambda_logs`)."""
    without_init = max(0, duration_ms - round(init_seconds() * 1000))
    _emit_logs(function, request_id, log, error, without_init, **more)


def _idle(key: str) -> Any:
    with lambda_runtime._lock:
        for worker in lambda_runtime._workers.get(key, []):
            if not worker.in_use and worker._proc is not None and worker._proc.poll() is None:
                worker.in_use = True
                worker.last_used = time.time()
                return worker
    return None


def _still_starting() -> list[Any]:
    """Those that start; whoever waits for one of them looks again whether the emulator ends."""
    with _changed:
        _changed.notify_all()
        return list(_starting)


def _no_longer_starting(worker: Any) -> None:
    with _changed:
        _starting.discard(worker)
        _changed.notify_all()
