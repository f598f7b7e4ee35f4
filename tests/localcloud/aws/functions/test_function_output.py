"""The log lines of an invocation are read before its answer, also on a busy machine."""

import os
import queue
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.aws.functions.function_output import Output, drain, pump


@pytest.fixture
def printed() -> "queue.Queue[str]":
    return queue.Queue(maxsize=4)


def worker_of(output: Output, printed: "queue.Queue[str]") -> Any:
    """A worker whose own thread has not come to read yet."""
    return SimpleNamespace(
        output=output,
        _drain_stderr=lambda: "\n".join(printed.get_nowait() for _ in range(printed.qsize())),
    )


def test_lines_not_read_yet_are_read_before_the_answer(printed: "queue.Queue[str]") -> None:
    reading, writing = os.pipe()
    output = Output(reading, printed)
    os.write(writing, "一\r\ntwo\nbegun".encode())
    assert drain(worker_of(output, printed)) == "一\ntwo"
    os.write(writing, b" and ended\n")
    assert drain(worker_of(output, printed)) == "begun and ended"
    os.close(writing)
    assert not output.read()
    assert drain(worker_of(output, printed)) == ""
    os.close(reading)


def test_an_incomplete_line_is_read_when_the_process_has_ended(
    printed: "queue.Queue[str]",
) -> None:
    reading, writing = os.pipe()
    worker = worker_of(Output(reading, printed), printed)
    thread = threading.Thread(target=pump, args=(worker, os.fdopen(reading, "rb"), printed))
    thread.start()
    os.write(writing, b"last words")
    os.close(writing)
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert drain(worker) == "last words"


def test_a_full_queue_drops_the_oldest_lines(printed: "queue.Queue[str]") -> None:
    reading, writing = os.pipe()
    os.write(writing, b"1\n2\n3\n4\n5\n6\n")
    assert drain(worker_of(Output(reading, printed), printed)) == "3\n4\n5\n6"
    os.close(writing)
    os.close(reading)


def test_without_a_process_there_are_no_lines(printed: "queue.Queue[str]") -> None:
    assert drain(SimpleNamespace(_drain_stderr=lambda: ""), first_line_wait=0.1) == ""
