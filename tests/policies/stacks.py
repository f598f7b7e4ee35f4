"""Evaluated stacks with running packs, for tests and for the matrix."""

from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache

from pulumi_policy import StackValidationPolicy

from checks.pack.analyzer import Analyzer, Violation, analyzer, resources_of
from declared.program import evaluate, stack_config
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from policies.pack import policies
from policies.rules import levels
from tests.policies.in_process import PackInProcess
from tests.policies.mutate import Mutant, Resources

ALL_POLICIES = frozenset(policy.name for policy in policies())
_STACK_POLICIES = frozenset(
    policy.name for policy in policies() if isinstance(policy, StackValidationPolicy)
)

_OPTIONS = {"goal-mandala:backups": '{"enabled": true}'}
"""What no stack file switches on, and mutants change."""


_stack_config = cache(stack_config)


@dataclass
class StacksUnderTest:
    """Evaluates each stack once, and keeps a pack running for each."""

    secrets: dict[str, str] = field(default_factory=throwaway_secrets)
    _programs: dict[str, Resources] = field(default_factory=dict[str, Resources])
    _packs: dict[str, Analyzer] = field(default_factory=dict[str, Analyzer])
    _running: ExitStack = field(default_factory=ExitStack)
    _in_process: PackInProcess = field(default_factory=PackInProcess)

    def program(self, stack: str) -> Resources:
        """All resources of a stack by name, as a preview declares them."""
        if stack not in self._programs:
            declared = resources_of(evaluate(stack, {**self.secrets, **_OPTIONS}, preview=True))
            self._programs[stack] = {each.name: each for each in declared}
            assert len(self._programs[stack]) == len(declared)
        return self._programs[stack]

    def config(self, stack: str) -> dict[str, str]:
        """The stack's configuration with throwaway secrets."""
        return {**_stack_config(stack), **self.secrets, **_OPTIONS}

    def pack(self, stack: str) -> Analyzer:
        """The pack for a stack."""
        if stack not in self._packs:
            pack = analyzer(stack, self.config(stack), self.secrets)
            self._packs[stack] = self._running.enter_context(pack)
        return self._packs[stack]

    @contextmanager
    def configured(self, stack: str, config: Mapping[str, str]) -> Generator[Analyzer]:
        """The pack in this process for a stack with this configuration, all policies enabled."""
        with self._in_process.configured(stack, config, set(self.secrets)) as pack:
            pack.enable_only(ALL_POLICIES)
            yield pack

    def violated(self, mutant: Mutant, names: Collection[str]) -> set[str]:
        """Which of these policies a mutant violates."""
        before = self.program(mutant.stack)
        after = mutant.change(before)
        config = {**self.config(mutant.stack), **mutant.config}
        changed = [each for name, each in after.items() if before.get(name) is not each]
        if mutant.config or mutant.plain:  # the configuration is sent with each resource
            changed = list(after.values())
        secret_keys = set(self.secrets) - mutant.plain
        with self._in_process.configured(mutant.stack, config, secret_keys) as pack:
            if mutant.levels:
                pack.configure({}, mutant.levels)
                return {each.policy for each in pack.analyze_all(after.values())}
            pack.enable_only(names)
            return _violated(pack, names, changed, after.values())

    def close(self) -> None:
        """Stop the packs."""
        self._running.close()


@contextmanager
def stacks_under_test() -> Generator[StacksUnderTest]:
    """Stacks whose packs are stopped at the end."""
    stacks = StacksUnderTest()
    try:
        yield stacks
    finally:
        stacks.close()


def _violated(
    pack: Analyzer,
    names: Collection[str],
    changed: Iterable[DeclaredResource],
    resources: Iterable[DeclaredResource],
) -> set[str]:
    found: list[Violation] = [each for resource in changed for each in pack.analyze(resource)]
    if not _STACK_POLICIES.isdisjoint(names):
        found += pack.analyze_stack(resources)
    assert all(each.mandatory for each in found), [each for each in found if not each.mandatory]
    return {each.policy for each in found} - {levels.POLICY}  # the others were disabled
