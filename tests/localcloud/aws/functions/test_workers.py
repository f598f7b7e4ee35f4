"""The processes of functions when the emulator ends."""

import signal
import subprocess
from threading import Event, Thread

import pytest

from localcloud.aws.functions import workers


class Starting:
    """A function's process that is being started: at first it has none."""

    _proc: subprocess.Popen[bytes] | None = None

    def __init__(self) -> None:
        self.returncode: int | None = None

    def start(self) -> None:
        process = subprocess.Popen(["sleep", "60"])
        self._proc = process
        self.returncode = process.wait()
        workers._no_longer_starting(self)  # pyright: ignore[reportPrivateUsage]

    def _discard_tmpdir(self) -> None:
        pass


def test_a_process_that_appears_while_the_others_are_ended_is_ended_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = Starting()
    late = Thread(target=worker.start)
    monkeypatch.setattr(workers, "_ended", Event())
    monkeypatch.setattr(workers, "_starting", {worker})
    monkeypatch.setattr(workers.lambda_runtime, "reset", late.start)

    workers.end_all()

    late.join()
    assert worker.returncode == -signal.SIGTERM


def test_nothing_starts_once_the_emulator_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_ended", ended := Event())
    ended.set()

    with pytest.raises(RuntimeError, match="the emulator ends"):
        workers.spawn(Starting())
