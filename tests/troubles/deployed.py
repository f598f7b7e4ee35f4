"""A stack with its own settings: once with a trouble, once with the guide's remedy."""

import io
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from rich.console import Console

from components.names import Names
from components.settings import Settings, key, parse
from declared.program import PROJECT, stack_config
from declared.throwaway_secrets import throwaway_secrets
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.steps import Steps
from ops.doctor.evidence import gather
from ops.doctor.troubles import Trouble, troubles
from ops.stack import LOCAL, Stack
from tests.docs.guide.page import ENGLISH, blocks
from tests.workflow.stage import Stage as Scene

Config = Mapping[str, str]
"""Name of a setting without the project -> text, as Pulumi keeps it."""


@dataclass(frozen=True)
class Deployed:
    """An embedded stack of these settings."""

    scene: Scene
    stack: Stack
    settings: Settings

    def diagnosis(self, now: datetime | None = None) -> dict[str, Trouble]:
        """What `python -m ops doctor --since 1h` finds, by the trouble's name."""
        now = now or datetime.now(UTC)
        seen = gather(self.stack, now - timedelta(hours=1), now, self.settings.workflow_timeout)
        return {each.name: each for each in troubles(seen, self.settings) if each.found}


@contextmanager
def deployed(folder: Path, config: Config) -> Generator[Deployed]:
    """The program with these settings, on an embedded cloud of its own."""
    cloud = Cloud(folder / "cloud", config)
    steps = Steps(Console(file=io.StringIO()))
    try:
        state, _ = cloud.up(steps)
        stack = Stack(Names(LOCAL, state.account_id, state.region), state, state.api_url)
        with psycopg.connect(state.database_url, autocommit=True) as conn:
            yield Deployed(Scene(state, conn, folder / "unused"), stack, settings_of_local(config))
    finally:
        cloud.down(steps)


def settings_of_local(config: Config) -> Settings:
    """The settings of the local stack with these over its own."""
    given = {f"{PROJECT}:{name}": text for name, text in config.items()}
    held = {**stack_config(LOCAL), **throwaway_secrets(), **given}
    texts = {field: held[key(field)] for field in Settings.model_fields if key(field) in held}
    return parse({**texts, "environment": LOCAL}, {})


def lines_of_the_page(section: str) -> list[str]:
    """The lines of `pulumi config set` in a section of the guide."""
    found = [block for block in blocks(ENGLISH) if block.section == section]
    return [line for block in found if block.kind == "settings" for line in block.commands]


def remedies(trouble: Trouble, section: str) -> list[str]:
    """The doctor's settings as lines; each must stand in the section of the guide."""
    page = lines_of_the_page(section)
    lines = list[str]()
    for each in trouble.settings:
        words = ["pulumi config set --stack", '"$STACK"', f"{PROJECT}:{each.path}", each.then]
        if "." in each.path:
            words.insert(2, "--path")
        lines.append(" ".join(words))
    assert [line for line in lines if line not in page] == [], "the guide has another remedy"
    return lines


def only(lines: Sequence[str], path: str) -> list[str]:
    """The one line about a setting."""
    return [line for line in lines if f"{PROJECT}:{path} " in line]
