"""One stack of a Pulumi program on the engine: previewed, brought up, destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from localcloud.pulumi_cli.program import Program

_SAID_OF_IT = {"preview failed"}
"""What the engine says of a preview that violates a policy, and nothing else."""

_STACK = "::pulumi:pulumi:Stack::"


class EngineError(Exception):
    """The engine refused or failed; the text is what it said of it."""


@dataclass(frozen=True)
class Outcome:
    """What an operation did, or in a preview would do.

    operations: URN -> create, update, replace, delete; resources that stay as they are, are absent.
    same: how many stay as they are.
    policy_events: violations, and policies that could not be asked.
    steps: name and step of each resource that does not stay as it is, in the engine's order; a
        replacement has several.
    warnings: of single resources, as the provider words them.
    """

    operations: Mapping[str, str]
    same: int
    policy_events: tuple[automation.PolicyEvent, ...]
    steps: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def count(self, operation: str) -> int:
        """How many resources an operation was for."""
        return sum(each == operation for each in self.operations.values())


@dataclass
class _Events:
    """What the engine tells of an operation while it goes on."""

    operations: dict[str, str] = field(default_factory=dict[str, str])
    same: int = 0
    policies: list[automation.PolicyEvent] = field(default_factory=list[automation.PolicyEvent])
    errors: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    steps: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def __call__(self, event: automation.EngineEvent) -> None:
        """Keep what an outcome is made of."""
        if event.policy_event:
            self.policies.append(event.policy_event)
        diagnostic = event.diagnostic_event
        if diagnostic and diagnostic.severity == "error":
            self.errors.append(diagnostic.message.strip())
        if (
            diagnostic
            and diagnostic.severity == "warning"
            and _STACK not in (diagnostic.urn or _STACK)
        ):
            self.warnings.append(diagnostic.message.strip())
        if step := event.resource_pre_event:
            self._note(step.metadata.urn, automation.OpType(step.metadata.op).value)

    def _note(self, urn: str, operation: str) -> None:
        if operation == "same":
            self.same += 1
        else:
            self.steps.append((urn.rpartition("::")[2], operation))
            # the steps of a replacement are one to the reader
            replaces = "replace" in operation or self.operations.get(urn) == "replace"
            self.operations[urn] = "replace" if replaces else operation

    def outcome(self) -> Outcome:
        """All of it."""
        return Outcome(
            self.operations,
            self.same,
            tuple(self.policies),
            tuple(self.steps),
            tuple(self.warnings),
        )


class EngineStack:
    """A stack that `Engine.stack` has made."""

    def __init__(self, stack: automation.Stack, program: Program) -> None:
        self._stack = stack
        self._program = program
        self._outputs: automation.OutputMap = {}

    def preview(
        self, *, policy_pack: Path | None = None, policy_config: Path | None = None
    ) -> Outcome:
        """What `up` would do; mandatory violations are in the outcome. Raises EngineError."""
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
            if not refused or not _SAID_OF_IT.issuperset(events.errors):
                raise _said(events, error) from error
        return events.outcome()

    def up(self) -> Outcome:
        """Make it as the program declares it. Raises EngineError."""
        events = _Events()
        try:
            with self._program.running():
                self._outputs = self._stack.up(on_event=events).outputs
        except automation.CommandError as error:
            raise _said(events, error) from error
        return events.outcome()

    def destroy(self) -> Outcome:
        """Delete all its resources. Raises EngineError."""
        events = _Events()
        try:
            with self._program.running():
                self._stack.destroy(on_event=events)
        except automation.CommandError as error:
            raise _said(events, error) from error
        return events.outcome()

    def outputs(self) -> dict[str, Any]:
        """The exports as `up` left them, secrets included."""
        return {name: output.value for name, output in self._outputs.items()}

    def configure(self, config: Mapping[str, str]) -> None:
        """Lay settings over those it has, by qualified key, as texts; they are no secrets."""
        workspace, name = self._stack.workspace, self._stack.name
        settings = workspace.stack_settings(name)
        settings.config = {**(settings.config or {}), **config}
        workspace.save_stack_settings(name, settings)


def _said(events: _Events, error: automation.CommandError) -> EngineError:
    said = events.errors or [f"{each.policy_name}: {each.message}" for each in events.policies]
    return EngineError("\n".join(said) or str(error))
