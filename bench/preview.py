"""How long `pulumi preview` takes, with the policy pack and without, against an empty program's.

Each is a process of its own from its start, as `pulumi preview` starts one for the program, but for
the making of the stack; in turn, so that whatever else the machine does hits them alike.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
from rich.console import Console

from bench.figures import Figure, Section
from declared.program import ROOT
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.cluster.steps import Steps
from localcloud.pulumi_cli import NoEngineError, ProviderTarget, pulumi_cli, pulumi_engine

PREVIEW, WITH_PACK, EMPTY = "preview", "preview with pack", "preview of an empty program"
_TITLE = "Previews"
_TEXT = (
    "Each in a process of its own, from its start to its end less the making of the stack, in "
    "turn. The pack's process starts while the program runs, so on two cores much of it is "
    "hidden; its stack policies come at the end and are not. An empty program starts no provider "
    "and registers nothing; ours registers some 190 resources, each a call from the program to the "
    "engine and one to the provider. Most of the rest is Pulumi's SDK."
)


def measure_previews(console: Console, *, rounds: int) -> Section:
    """Preview in turn; without an engine the section says why there is no figure."""
    try:
        pulumi_cli()
    except NoEngineError as error:
        return Section("previews", _TITLE, f"Not measured: {error}")
    taken: dict[str, list[float]] = {name: [] for name in (PREVIEW, WITH_PACK, EMPTY)}
    with Steps(console).step(f"Preview {rounds} times with and without the pack"):
        for _ in range(rounds):
            for name, seconds in taken.items():
                seconds.append(_in_a_process_of_its_own(name))
    return Section("previews", _TITLE, _TEXT, report_previews(taken))


def report_previews(taken: Mapping[str, Sequence[float]]) -> list[Figure]:
    """What the pack costs, and what the program does: a ratio a round."""
    return [
        Figure(
            f"{name} / {base}",
            [one / other for one, other in zip(taken[name], taken[base], strict=True)],
            goal,
        )
        for name, base, goal in ((WITH_PACK, PREVIEW, 1.25), (PREVIEW, EMPTY, 2.0))
    ]


def preview_seconds(name: str) -> float:
    """Seconds from this process's start until it has previewed; to make the stack costs none."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pulumi_engine(ProviderTarget(ACCOUNT_ID)) as engine,
    ):
        empty = Path(folder)
        (empty / "Pulumi.yaml").write_text("name: empty\nruntime: python\n")
        (empty / "__main__.py").write_text("import pulumi\nimport pulumi_aws\n")
        making = time.time()
        made = engine.stack(empty if name == EMPTY else ROOT, "local", {}, _secrets())
        before = making - psutil.Process().create_time()
        began = time.time()
        made.preview(policy_pack=ROOT / "policies" if name == WITH_PACK else None)
        return before + time.time() - began


def _secrets() -> dict[str, str]:
    return {
        "databaseUrl": "postgresql://bench:bench@db.invalid/goals",
        "jwtSecret": "0" * 64,
        "slackWebhook": "https://slack.invalid/bench",
    }


def _in_a_process_of_its_own(name: str) -> float:
    command = [sys.executable, "-m", "bench.preview", name]
    # as where nobody forbids it: with bytecode, the first round writes it
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.stdout.write(f"{preview_seconds(sys.argv[1])}\n")
