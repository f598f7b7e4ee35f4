"""The emulator as a process: its start and its end."""

import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from localcloud.aws import Emulator
from localcloud.aws.__main__ import PINNED_VERSION, check_version
from tests.localcloud.emulated import (
    ACCOUNT_ID,
    CHECKOUT,
    REGION,
    EmulatedAws,
    emulated_aws,
    lines,
    wait_until,
)


def test_another_version_of_ministack_is_refused_with_what_to_do() -> None:
    check_version(PINNED_VERSION)
    with pytest.raises(SystemExit, match=f"version 9.9.9 is .*install ministack=={PINNED_VERSION}"):
        check_version("9.9.9")


def test_the_lock_file_has_the_pinned_version() -> None:
    locked = (CHECKOUT / "requirements" / "dev.txt").read_text()

    assert f"\nministack=={PINNED_VERSION} " in locked


def test_a_port_in_use_is_an_error_without_a_stack_trace(aws: EmulatedAws, tmp_path: Path) -> None:
    second = Emulator(tmp_path, aws.emulator.port, REGION, ACCOUNT_ID)

    ended = subprocess.run(
        second.command,
        env=second.environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("The emulator cannot serve: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_function_outlives_the_emulator(tmp_path: Path, number: signal.Signals) -> None:
    with emulated_aws(tmp_path) as aws:
        log = aws.log()
        call = {"FunctionName": aws.worker, "Payload": f'{{"log": "{log}", "sleep": 30}}'}
        thread = threading.Thread(target=_invoke, args=(aws.functions, call))
        thread.start()
        wait_until(lambda: lines(log))
        idle = aws.invoke(aws.worker, {"say": "idle"})
        functions = psutil.Process(aws.process.pid).children(recursive=True)

        aws.process.send_signal(number)
        aws.process.wait(timeout=5)
        wait_until(lambda: not any(_runs(function) for function in functions), seconds=5)
        thread.join(timeout=10)

    assert idle["said"] == "idle"
    assert len(functions) == 2
    assert not thread.is_alive()


def test_a_function_cannot_import_from_the_checkout(
    aws: EmulatedAws,
) -> None:
    source = "import sys\ndef handler(event, context): return sys.path"

    path = aws.invoke(aws.function(aws.role("lambda"), source=source), {})

    assert not [entry for entry in path if Path(entry) == CHECKOUT]
    assert os.fspath(aws.emulator.folder) in path[0] or path[0] == ""


def _invoke(client: Any, call: dict[str, Any]) -> None:
    with suppress(Exception):
        client.invoke(**call)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
