"""Evaluates a Pulumi program in this process: runs its `__main__.py` and collects its resources.

Pulumi's own Python SDK does the work (outputs, dependencies, secrets, components); only the engine
at the other end of its gRPC calls is replaced, by `monitor`.
"""

import asyncio
import contextvars
import json
import logging
import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from pulumi.runtime import Settings, configure, set_all_config
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.stack import run_in_stack

from declared.computed_outputs import computed_outputs
from declared.monitor import ResourceMonitor
from declared.resources import DeclaredResource, Provision
from declared.sdk_cost import without_stack_traces

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "goal-mandala"


@dataclass(frozen=True)
class Program:
    """What a stack declares.

    resources: each after those that it depends on.
    """

    resources: tuple[DeclaredResource, ...]
    components: tuple[DeclaredResource, ...]
    exports: dict[str, Any]


def evaluate(
    stack: str,
    config: Mapping[str, str],
    *,
    provision: Provision | None = None,
    preview: bool = False,
    caller_account: str | None = None,
    folder: Path = ROOT,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Program:
    """Run a program for one stack; `config` overrides `Pulumi.{stack}.yaml`.

    provision: called once for each resource, one at a time, in dependency order, in another thread;
        without it outputs are computed. Its first error ends the evaluation and is raised.
    preview: leave values unknown that AWS chooses, as `pulumi preview` does.
    caller_account: the account that the credentials belong to; by default the configured one.
    folder: of the program, with its Pulumi.yaml and stack files; by default the workflow's.
    references: name of a StackReference -> what that stack exports.
    """
    project = project_name(folder)
    given = {_qualified(key, project): value for key, value in config.items()}
    values = {**stack_config(stack, folder), **given}
    account = caller_account or values.get(f"{PROJECT}:accountId", "")
    if provision is None:
        region = values.get("aws:region", "")
        provision = _unknown_outputs if preview else computed_outputs(account, region)
    monitor = ResourceMonitor(project, stack, account, provision, references or {})

    async def run() -> None:
        set_all_config(values)
        engine = MockEngine(logging.getLogger("pulumi"))
        configure(Settings(project, stack, monitor=monitor, engine=engine, dry_run=preview))
        await run_in_stack(lambda: _run(folder))

    try:
        # Pulumi keeps its state in context variables, so an empty context is like a new process.
        with without_stack_traces():
            contextvars.Context().run(asyncio.run, run())
    except Exception:
        if monitor.failure:  # Pulumi may report a consequence of it instead
            raise monitor.failure from None
        raise
    return Program(tuple(monitor.declared), tuple(monitor.components), monitor.exports)


def project_name(folder: Path) -> str:
    """The name of a Pulumi program's project."""
    return cast("dict[str, str]", yaml.safe_load((folder / "Pulumi.yaml").read_text()))["name"]


def stack_config(stack: str, folder: Path = ROOT) -> dict[str, str]:
    """The configuration in `Pulumi.{stack}.yaml`, every value as the CLI passes it."""
    text = (folder / f"Pulumi.{stack}.yaml").read_text()
    entries = cast("dict[str, Any]", yaml.safe_load(text)).get("config", {})
    project = project_name(folder)
    return {_qualified(key, project): _as_cli_string(value) for key, value in entries.items()}


def _unknown_outputs(_resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
    return "", {}


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _as_cli_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _run(folder: Path) -> None:
    path = [*sys.path]
    try:
        runpy.run_path(str(folder / "__main__.py"), run_name="goal_mandala_program")
    finally:
        sys.path[:] = path
