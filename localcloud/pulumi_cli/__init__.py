"""Pulumi's engine without a network: its state is in a folder, its AWS provider is this project's.

    with pulumi_engine(ProviderTarget(ACCOUNT_ID, endpoint, model_endpoint, packages)) as engine:
        stack = engine.stack(CHECKOUT, "local", config, secrets)
        stack.up()

A program is a folder with Pulumi.yaml and `__main__.py`; programs run in this process, one at a
time. A stack refers to another one of the same engine by `organization/PROJECT/STACK`.
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
from localcloud.pulumi_cli.plugins import AWS_PROVIDER, write_plugins
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
def pulumi_engine(target: ProviderTarget, aws_provider: str = AWS_PROVIDER) -> Generator["Engine"]:
    """An engine whose state is deleted at the end of the block. Raises NoEngineError.

    aws_provider: the module that is the AWS provider.

    Destroy the stacks before: without its state the engine cannot delete their resources.
    """
    cli = pulumi_cli()
    with tempfile.TemporaryDirectory(prefix="goal-mandala-engine-") as name:
        folder = Path(name)
        write_plugins(folder, cli, aws_provider)
        (folder / "state").mkdir()
        command = automation.PulumiCommand(str(folder))
        yield Engine(folder, target, command, random.token_hex(16))


@dataclass(frozen=True)
class Engine:
    """The Pulumi CLI with its plugins, and the encrypted state of its stacks, in one folder."""

    folder: Path
    target: ProviderTarget
    cli: automation.PulumiCommand
    passphrase: str = field(repr=False)

    def stack(
        self,
        program: Path,
        stack: str,
        config: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
    ) -> EngineStack:
        """Create a stack of a program, with the settings of its stack file, if it has one.

        config, secrets: override those settings by key; the project is the default namespace.
        """
        project = _yaml(program / "Pulumi.yaml")["name"]
        given = _yaml(program / f"Pulumi.{stack}.yaml").get("config", {})
        settings = {
            _qualified(project, key): _setting(value) for key, value in {**given, **config}.items()
        }
        work = self.folder / project / stack
        work.mkdir(parents=True)
        inline_program = InlineProgram(program)
        workspace = automation.LocalWorkspace(
            work_dir=str(work),
            pulumi_home=str(self.folder / "home"),
            program=inline_program,
            env_vars=self._environment(),
            project_settings=automation.ProjectSettings(
                name=project, runtime="python", main=str(program)
            ),
            stack_settings={stack: automation.StackSettings(config=settings)},
            pulumi_command=self.cli,
        )
        created = EngineStack(stack, workspace, inline_program)
        if secrets:
            created.configure_secrets(
                {_qualified(project, key): value for key, value in secrets.items()}
            )
        return created

    def _environment(self) -> dict[str, str]:
        return {
            **self.target.environment(),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            # the state is temporary: it need not be written at every step of an operation
            "PULUMI_SKIP_CHECKPOINTS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Go's: commands of seconds need not look for garbage as often as servers do
            "GOGC": "800",
        }


def _qualified(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _setting(value: Any) -> str:
    """The text of a setting: JSON unless it is a string, since the SDK reads texts only."""
    return value if isinstance(value, str) else json.dumps(value)


def _yaml(path: Path) -> dict[str, Any]:
    """The content of a file; empty if there is no file."""
    return cast("dict[str, Any]", yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
