"""Every policy against every mutant; `python -m tests.policies.matrix` writes docs/policies.md."""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulumi_policy import StackValidationPolicy

from checks.pack.analyzer import Analyzer, Violation, analyzer, everything
from declared.program import evaluate, stack_config
from declared.throwaway_secrets import throwaway_secrets
from policies.pack import CONCERNS, policies
from tests.policies import mutants_data, mutants_graph, mutants_iam, mutants_queues, mutants_quotas
from tests.policies.mutate import Mutant, Resources

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "policies.md"
EVERY = frozenset(policy.name for policy in policies())
OF_STACKS = frozenset(each.name for each in policies() if isinstance(each, StackValidationPolicy))
MUTANTS = (
    *mutants_iam.MUTANTS,
    *mutants_data.MUTANTS,
    *mutants_quotas.MUTANTS,
    *mutants_graph.MUTANTS,
    *mutants_queues.MUTANTS,
)


@dataclass
class Laboratory:
    """Programs, each evaluated once, and packs that run for them."""

    secrets: dict[str, str] = field(default_factory=throwaway_secrets)
    _programs: dict[str, Resources] = field(default_factory=dict[str, Resources])
    _packs: dict[str, Analyzer] = field(default_factory=dict[str, Analyzer])
    _running: ExitStack = field(default_factory=ExitStack)

    def program(self, stack: str) -> Resources:
        """All resources of a stack by name, as a preview declares them."""
        if stack not in self._programs:
            declared = everything(evaluate(stack, self.secrets, preview=True))
            self._programs[stack] = {each.name: each for each in declared}
            assert len(self._programs[stack]) == len(declared)
        return self._programs[stack]

    def config(self, stack: str) -> dict[str, str]:
        """The stack's configuration with throwaway secrets."""
        return {**stack_config(stack), **self.secrets}

    def pack(self, stack: str) -> Analyzer:
        """The pack for a stack."""
        if stack not in self._packs:
            pack = analyzer(stack, self.config(stack), self.secrets)
            self._packs[stack] = self._running.enter_context(pack)
        return self._packs[stack]

    def judge(self, mutant: Mutant, asked: frozenset[str]) -> set[str]:
        """Which of these policies object to a mutant."""
        before = self.program(mutant.stack)
        after = mutant.change(before)
        tags = set(mutant.config) == {"aws:defaultTags"}
        if mutant.plain or (mutant.config and not tags):
            # what a pack knows of the configuration it is told when it starts
            config = {**self.config(mutant.stack), **mutant.config}
            with analyzer(mutant.stack, config, set(self.secrets) - mutant.plain) as pack:
                pack.enable_only(asked)
                return _objecting(pack, asked, after.values(), after.values())
        pack = self.pack(mutant.stack)
        changed = [each for name, each in after.items() if before.get(name) is not each]
        if tags:
            pack = replace(pack, config={**pack.config, **mutant.config})
            changed = list(after.values())
        pack.enable_only(asked)
        return _objecting(pack, asked, changed, after.values())

    def close(self) -> None:
        """Stop the packs."""
        self._running.close()


def _objecting(
    pack: Analyzer, asked: frozenset[str], changed: Iterable[Any], all_: Iterable[Any]
) -> set[str]:
    found: list[Violation] = [each for resource in changed for each in pack.resource(resource)]
    if asked & OF_STACKS:  # handing over a whole stack takes a quarter of a second
        found += pack.stack(all_)
    assert all(each.mandatory for each in found), [each for each in found if not each.mandatory]
    return {each.policy for each in found}


@contextmanager
def laboratory() -> Generator[Laboratory]:
    """A laboratory that cleans up."""
    made = Laboratory()
    try:
        yield made
    finally:
        made.close()


def render(verdicts: list[tuple[Mutant, set[str]]]) -> str:
    """docs/policies.md."""
    every = policies()
    lines = [
        "# Policies",
        "",
        "<!-- Written by `python -m tests.policies.matrix`; a test compares it. -->",
        "",
        f"The pack in `policies/` has {len(every)} policies, all mandatory. `make policy` asks them"
        " about all four stacks; Pulumi's CLI takes them by `--policy-pack policies`.",
        "",
        "A value that is not known at preview, or that cannot be read, is a violation and not a"
        " policy that did not run. What has to pass is exempted by URN, with a reason and a last"
        " day (`--policy-pack-config`; an exemption that is over is a violation itself):",
        "",
        "```json",
        '{"access-cors": {"exemptions": [{"urn": "urn:pulumi:dev::...", "reason": "until the client'
        ' has a domain", "expires": "2027-01-31"}]}}',
        "```",
    ]
    for concern in CONCERNS:
        lines += ["", f"## {(concern.__doc__ or '').splitlines()[0]}", ""]
        lines += [f"`policies/rules/{concern.__name__.rpartition('.')[2]}.py`", ""]
        lines += ["| policy | protects from | how to fix it | source |", "|---|---|---|---|"]
        for policy in (p for p in every if p in vars(concern).values()):
            framework: Any = policy.framework
            cells = (f"`{policy.name}`", policy.description, policy.remediation_steps)
            lines.append("| " + " | ".join([*map(str, cells), framework.reference]) + " |")
    lines += [
        "",
        "## Mutants",
        "",
        f"{sum(not m.near_miss for m, _ in verdicts)} programs that are wrong in one thing, and"
        f" {sum(m.near_miss for m, _ in verdicts)} that only look wrong to the policy, each shown"
        " to all policies.",
        "",
        "| made for | mutant | objected | also objected |",
        "|---|---|---|---|",
    ]
    for mutant, objecting in verdicts:
        others = ", ".join(f"`{each}`" for each in sorted(objecting - {mutant.policy}))
        said = (
            "yes" if mutant.policy in objecting else "no (near miss)" if mutant.near_miss else "NO"
        )
        what = mutant.what.replace("|", "\\|")
        lines.append(f"| `{mutant.policy}` | {what} | {said} | {others} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the document."""
    with laboratory() as made:
        DOCUMENT.write_text(render([(mutant, made.judge(mutant, EVERY)) for mutant in MUTANTS]))


if __name__ == "__main__":
    main()
