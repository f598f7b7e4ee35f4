"""The lock lets one command at a time change a cloud."""

import subprocess
import sys
import threading
from pathlib import Path

from localcloud.cluster.lock import locked
from localcloud.cluster.state import CHECKOUT


def test_a_second_command_waits_and_is_notified_of_it(tmp_path: Path) -> None:
    folder = tmp_path / ".localcloud"
    waits, order = threading.Event(), list[str]()

    def second() -> None:
        with locked(folder, waits.set):
            order.append("second")

    with locked(folder, lambda: order.append("waited without need")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_command_releases_the_lock(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from localcloud.cluster.lock import locked\n"
        "with locked(Path(sys.argv[1]), print): print('held', flush=True); time.sleep(300)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / ".localcloud")]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        holder.wait()
    waited = list[str]()
    with locked(tmp_path / ".localcloud", lambda: waited.append("waited")):
        assert waited == []
