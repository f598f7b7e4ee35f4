"""A second cloud in another region: brought up by a process of its own, for a process has one."""

import os
import subprocess
import sys
from pathlib import Path

from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CHECKOUT, CloudState, read_state

OSAKA = "ap-northeast-3"

_UP = """
import io, sys
from pathlib import Path
from rich.console import Console
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
Cloud(Path(sys.argv[1]), {"aws:region": sys.argv[2]}).up(Steps(Console(file=io.StringIO())))
"""


def bring_up(folder: Path, region: str = OSAKA) -> tuple[Cloud, CloudState]:
    """The program in another region, empty; `down` of the cloud ends it."""
    environment = {**os.environ, "GOAL_MANDALA_LOCAL_REGION": region}
    subprocess.run(
        [sys.executable, "-c", _UP, str(folder), region], cwd=CHECKOUT, env=environment, check=True
    )
    state = read_state(folder)
    assert state
    assert state.region == region
    return Cloud(folder, {"aws:region": region}), state
