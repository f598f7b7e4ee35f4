"""What the emulator holds of the init phase; and what it does as no AWS has to: share its cores."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.localcloud.emulated import EmulatedAws, Read, emulated_aws, wait_until

CORES = len(os.sched_getaffinity(0))
AT_ONCE = 4 * CORES

SOURCE = """
import json, os, time

def note(what):
    with open({log!r}, "a") as log:
        log.write(json.dumps([time.time(), what, os.getpid()]) + "\\n")

note(1)
time.sleep({init})
note(-1)

def handler(event, context):
    time.sleep({work})
    return context.get_remaining_time_in_millis()
"""


def starts(log: Path) -> list[tuple[float, int, int]]:
    """When, whether an init began (1) or ended (-1), and in which process."""
    return sorted(tuple(json.loads(line)) for line in log.read_text().splitlines())


def call_at_once(aws: EmulatedAws, log: Path, *, init: float, work: float) -> list[Any]:
    """The answers of a function that is called for the first time, by many."""
    source = SOURCE.format(log=str(log), init=init, work=work)
    function = aws.function(aws.role("lambda"), source=source)
    aws.functions  # noqa: B018 - one client for all threads
    with ThreadPoolExecutor(AT_ONCE) as pool:
        calls = [pool.submit(aws.invoke, function, {}) for _ in range(AT_ONCE)]
        return [call.result() for call in calls]


def test_no_more_processes_start_at_once_than_there_are_cores(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    call_at_once(aws, tmp_path / "log", init=0.2, work=3)
    inits = starts(tmp_path / "log")
    at_once = [sum(change for _, change, _ in inits[: index + 1]) for index in range(len(inits))]
    assert len(inits) == 2 * AT_ONCE
    assert max(at_once) <= CORES


def test_who_waits_for_a_start_takes_a_process_that_has_become_idle(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    answers = call_at_once(aws, tmp_path / "log", init=0.5, work=0)
    assert len(answers) == AT_ONCE
    processes = {process for _, _, process in starts(tmp_path / "log")}
    assert len(processes) <= AT_ONCE // 2


def test_the_init_phase_is_no_part_of_the_functions_time_out(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    source = SOURCE.format(log=str(tmp_path / "log"), init=2.5, work=0)
    function = aws.function(aws.role("lambda"), source=source, timeout=2)
    assert 1000 < aws.invoke(function, {}) <= 2000


def test_the_init_phase_is_no_part_of_an_invocations_duration(
    aws: EmulatedAws, tmp_path: Path, read: Read
) -> None:
    source = SOURCE.format(log=str(tmp_path / "log"), init=3, work=0)
    function = aws.function(aws.role("lambda"), source=source)
    aws.invoke(function, {})
    name = function.rpartition(":")[2]
    milliseconds = read("AWS/Lambda", "Duration", "Maximum", FunctionName=name)
    assert milliseconds == pytest.approx(0, abs=2900)
    group = f"/aws/lambda/{name}"
    events = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    [report] = [line["message"] for line in events if line["message"].startswith("REPORT")]
    assert float(report.partition("Duration: ")[2].split()[0]) < 2900


def test_starts_that_wait_do_not_outlast_the_emulator(tmp_path: Path) -> None:
    log = tmp_path / "inits"

    def call(aws: EmulatedAws) -> None:
        with suppress(BotoCoreError, ClientError):
            call_at_once(aws, log, init=100, work=0)

    with ThreadPoolExecutor(1) as pool, emulated_aws(tmp_path) as aws:
        calls = pool.submit(call, aws)
        wait_until(lambda: log.exists() and len(starts(log)) == CORES)
        aws.process.send_signal(signal.SIGTERM)
        aws.process.wait(timeout=30)
        calls.result()
    assert len(starts(log)) == CORES
