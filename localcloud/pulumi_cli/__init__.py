"""Pulumi's own engine, offline: state and secrets in a folder, its AWS provider ours.

    with pulumi_engine(Place(ACCOUNT_ID, endpoint, model_endpoint, packages)) as engine:
        stack = engine.stack(CHECKOUT, "local", config, secrets)
        stack.up()

A program is a folder with Pulumi.yaml and `__main__.py`; it runs in this process, one at a time.
Stacks of one engine see each other as `organization/PROJECT/STACK` (StackReference).
"""

import json
import secrets as random
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from pulumi import automation

from localcloud.provision.target import ProviderTarget
from localcloud.pulumi_cli.cli import NoEngineError, pulumi_cli
from localcloud.pulumi_cli.plugins import write_plugins
from localcloud.pulumi_cli.program import InlineProgram
from localcloud.pulumi_cli.stack import EngineError, EngineOutcome, EngineStack

__all__ = [
    "Engine",
    "EngineError",
    "EngineOutcome",
    "EngineStack",
    "NoEngineError",
    "ProviderTarget",
    "pulumi_cli",
    "pulumi_engine",
]


@contextmanager
def pulumi_engine(place: ProviderTarget) -> Generator["Engine"]:
    """An engine with a state of its own, which ends with it.

    Raises NoEngineError. Destroy what was brought up: the engine's end forgets it.
    """
    cli = pulumi_cli()
    with tempfile.TemporaryDirectory(prefix="goal-mandala-engine-") as name:
        folder = Path(name)
        write_plugins(folder, cli)
        (folder / "state").mkdir()
        cli_of_ours = automation.PulumiCommand(str(folder))
        yield Engine(folder, place, cli_of_ours, random.token_hex(16))


@dataclass(frozen=True)
class Engine:
    """The CLI with its plugins, and the state of its stacks, encrypted, in one folder."""

    folder: Path
    place: ProviderTarget
    cli: automation.PulumiCommand
    passphrase: str = field(repr=False)

    def stack(
        self,
        program: Path,
        stack: str,
        config: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
    ) -> EngineStack:
        """A new stack of a program, with the settings of its stack file, if it has one.

        config, secrets: texts, laid over those by key; without a namespace it is the project's.
        """
        project = _yaml(program / "Pulumi.yaml")["name"]
        given = _yaml(program / f"Pulumi.{stack}.yaml").get("config", {})
        settings = {
            _qualified(project, key): _setting(value) for key, value in {**given, **config}.items()
        }
        work = self.folder / project / stack
        work.mkdir(parents=True)
        folder_program = InlineProgram(program)
        workspace = automation.LocalWorkspace(
            work_dir=str(work),
            pulumi_home=str(self.folder / "home"),
            program=folder_program,
            env_vars=self._environment(),
            project_settings=automation.ProjectSettings(
                name=project, runtime="python", main=str(program)
            ),
            stack_settings={stack: automation.StackSettings(config=settings)},
            pulumi_command=self.cli,
        )
        made = automation.Stack.create(stack, workspace)
        if secrets:
            made.set_all_config(
                {
                    _qualified(project, key): automation.ConfigValue(value, secret=True)
                    for key, value in secrets.items()
                }
            )
        return EngineStack(made, folder_program)

    def _environment(self) -> dict[str, str]:
        return {
            **self.place.environment(),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            # the state is written once an operation, not twice a resource: it ends with the engine
            "PULUMI_SKIP_CHECKPOINTS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


def _qualified(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _setting(value: Any) -> str:
    """As a program is given it: what is no text, as JSON. (The SDK reads nothing else back.)"""
    return value if isinstance(value, str) else json.dumps(value)


def _yaml(path: Path) -> dict[str, Any]:
    """What a file holds; nothing if there is none."""
    return cast("dict[str, Any]", yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
