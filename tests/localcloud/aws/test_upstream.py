"""The reproductions in docs/upstream.md hold on MiniStack, and fail on the emulator."""

import re
import subprocess
import sys
from collections.abc import Generator

import pytest

from localcloud.cluster.state import CHECKOUT
from tests.localcloud.emulated import emulated_aws

SECTIONS = re.findall(
    r"^## (.+?)$(.+?)(?=^## |\Z)", (CHECKOUT / "docs" / "upstream.md").read_text(), re.M | re.S
)
CODE = {title: re.findall(r"```python\n(.+?)```", text, re.S) for title, text in SECTIONS}
(HELPERS,) = CODE.pop("Helpers")
REPRODUCTIONS = {title: code for title, blocks in CODE.items() for code in blocks}

# MiniStack is pinned: the results change only with its version or with a replacement
pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The endpoint of MiniStack without the replacements."""
    command = [sys.executable, "-m", "ministack"]
    with emulated_aws(tmp_path_factory.mktemp("ministack"), command) as running:
        yield running.emulator.url


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with emulated_aws(tmp_path_factory.mktemp("emulator")) as running:
        yield running.emulator.url


def run(code: str, endpoint: str) -> "subprocess.CompletedProcess[str]":
    """Run a reproduction after the helpers."""
    return subprocess.run(
        [sys.executable, "-c", f"{HELPERS}\n{code}"],
        env={"ENDPOINT": endpoint, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("title", REPRODUCTIONS)
def test_ministack_differs_from_aws(ministack: str, title: str) -> None:
    done = run(REPRODUCTIONS[title], ministack)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("title", REPRODUCTIONS)
def test_the_emulator_does_not(emulator: str, title: str) -> None:
    done = run(REPRODUCTIONS[title], emulator)

    assert re.search("AssertionError|InvalidDefinition", done.stderr)
