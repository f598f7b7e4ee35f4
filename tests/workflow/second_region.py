"""A second cloud in another region: brought up by a process of its own, for a process has one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CHECKOUT, CloudState, read_state

OSAKA = "ap-northeast-3"

_UP = """
import io, json, sys
from pathlib import Path
from rich.console import Console
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
Cloud(Path(sys.argv[1]), json.loads(sys.argv[2])).up(Steps(Console(file=io.StringIO())))
"""


def bring_up(folder: Path, config: Mapping[str, str]) -> tuple[Cloud, CloudState]:
    """The program in Osaka, empty; `down` of the cloud ends it."""
    settings = {**config, "aws:region": OSAKA}
    environment = {**os.environ, "GOAL_MANDALA_LOCAL_REGION": OSAKA}
    command = [sys.executable, "-c", _UP, str(folder), json.dumps(settings)]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
    state = read_state(folder)
    assert state
    assert state.region == OSAKA
    return Cloud(folder, settings), state
