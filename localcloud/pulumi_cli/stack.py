"""One stack of a Pulumi program on the engine: preview, up and destroy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation._stack import StackInitMode

from localcloud.pulumi_cli.program import InlineProgram

_POLICY_ERRORS = {"preview failed"}
"""The engine's errors if a preview only violates policies."""

_STACK = "::pulumi:pulumi:Stack::"


class EngineError(Exception):
    """The engine refused or failed; the text has its messages."""


@dataclass(frozen=True)
class EngineOutcome:
    """What an operation did, or would do if it is a preview.

    operations: create, update, replace or delete, by the URN of each resource that changes.
    same: number of resources that do not change.
    policy_events: violations, and policies that could not be evaluated.
    steps: name and step of each resource that changes, in the engine's order; a replacement has
        several.
    warnings: the provider's warnings about single resources.
    """

    operations: Mapping[str, str]
    same: int
    policy_events: tuple[automation.PolicyEvent, ...]
    steps: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def count(self, operation: str) -> int:
        """Number of resources with an operation."""
        return sum(each == operation for each in self.operations.values())


@dataclass
class _Events:
    """Collects the engine's events during an operation."""

    operations: dict[str, str] = field(default_factory=dict[str, str])
    same: int = 0
    policies: list[automation.PolicyEvent] = field(default_factory=list[automation.PolicyEvent])
    errors: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    steps: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def __call__(self, event: automation.EngineEvent) -> None:
        """Record an event."""
        if event.policy_event:
            self.policies.append(event.policy_event)
        diagnostic = event.diagnostic_event
        if diagnostic and diagnostic.severity == "error":
            self.errors.append(diagnostic.message.strip())
        if diagnostic and diagnostic.severity == "warning" and not _of_the_stack(diagnostic.urn):
            self.warnings.append(diagnostic.message.strip())
        if step := event.resource_pre_event:
            self._note(step.metadata.urn, automation.OpType(step.metadata.op).value)

    def _note(self, urn: str, operation: str) -> None:
        if operation == "same":
            self.same += 1
        else:
            self.steps.append((urn.rpartition("::")[2], operation))
            # the steps of a replacement count as one operation
            replaces = "replace" in operation or self.operations.get(urn) == "replace"
            self.operations[urn] = "replace" if replaces else operation

    def outcome(self) -> EngineOutcome:
        """The outcome of the recorded events."""
        return EngineOutcome(
            self.operations,
            self.same,
            tuple(self.policies),
            tuple(self.steps),
            tuple(self.warnings),
        )


def _of_the_stack(urn: str | None) -> bool:
    return not urn or _STACK in urn


class _Stack(automation.Stack):
    """Without the three commands, 0.4 s of a processor each, that the SDK runs after an operation.

    They read the outputs and the history, which `EngineStack` reads if somebody asks.
    """

    def outputs(self) -> automation.OutputMap:
        """Nothing: `EngineStack.outputs` has them."""
        return {}

    def info(self, *_how: object, **_named: object) -> automation.UpdateSummary:
        """The least that the SDK takes for a summary."""
        return automation.UpdateSummary(
            kind="", start_time=datetime.now(UTC), message="", environment={}, config={}, result=""
        )


class EngineStack:
    """A stack of the engine's, which this creates."""

    def __init__(
        self, name: str, workspace: automation.LocalWorkspace, program: InlineProgram
    ) -> None:
        self._stack = _Stack(name, workspace, StackInitMode.CREATE)
        self._program = program
        self._outputs: automation.OutputMap | None = {}

    def configure_secrets(self, secrets: Mapping[str, str]) -> None:
        """Set settings that are secrets, by qualified key."""
        self._stack.set_all_config(
            {key: automation.ConfigValue(value, secret=True) for key, value in secrets.items()}
        )

    def preview(
        self, *, policy_pack: Path | None = None, policy_config: Path | None = None
    ) -> EngineOutcome:
        """Return what `up` would do, violations included. Raises EngineError."""
        events = _Events()
        try:
            with self._program.running():
                self._stack.preview(
                    policy_packs=[str(policy_pack)] if policy_pack else None,
                    policy_pack_configs=[str(policy_config)] if policy_config else None,
                    on_event=events,
                )
        except automation.CommandError as error:
            refused = any(each.enforcement_level == "mandatory" for each in events.policies)
            if not refused or not _POLICY_ERRORS.issuperset(events.errors):
                raise _error(events, error) from error
        return events.outcome()

    def up(
        self, *, policy_pack: Path | None = None, policy_config: Path | None = None
    ) -> EngineOutcome:
        """Create and change resources as the program declares them. Raises EngineError."""
        events = _Events()
        try:
            self._outputs = None
            with self._program.running():
                self._stack.up(
                    policy_packs=[str(policy_pack)] if policy_pack else None,
                    policy_pack_configs=[str(policy_config)] if policy_config else None,
                    on_event=events,
                )
        except automation.CommandError as error:
            raise _error(events, error) from error
        return events.outcome()

    def destroy(self) -> EngineOutcome:
        """Delete all resources. Raises EngineError."""
        events = _Events()
        try:
            self._outputs = None
            with self._program.running():
                self._stack.destroy(on_event=events)
        except automation.CommandError as error:
            raise _error(events, error) from error
        return events.outcome()

    def remove(self, key: str) -> None:
        """Remove a setting, by its qualified key."""
        self._stack.remove_config(key)

    def unprotect(self) -> None:
        """Let every resource be deleted, as `pulumi state unprotect --all` does."""
        deployment = self._stack.export_stack()
        for resource in (deployment.deployment or {}).get("resources", []):
            resource.pop("protect", None)
        self._stack.import_stack(deployment)

    def outputs(self) -> dict[str, Any]:
        """The exports after the last operation, secrets included."""
        if self._outputs is None:
            self._outputs = self._stack.workspace.stack_outputs(self._stack.name)
        return {name: output.value for name, output in self._outputs.items()}

    def configure(self, config: Mapping[str, str]) -> None:
        """Change settings, by qualified key; they are not secrets."""
        workspace, name = self._stack.workspace, self._stack.name
        settings = workspace.stack_settings(name)
        settings.config = {**(settings.config or {}), **config}
        workspace.save_stack_settings(name, settings)


def _error(events: _Events, error: automation.CommandError) -> EngineError:
    messages = events.errors or [f"{each.policy_name}: {each.message}" for each in events.policies]
    return EngineError("\n".join(messages) or str(error))
