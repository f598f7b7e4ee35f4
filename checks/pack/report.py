"""The pack's results as text: each violation with its reason and its fix, then a line a stack."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import Policy

from checks.pack.analyzer import Violation
from checks.pack.stacks import PackResult
from policies.policy import asks, where


def violations(stack: str, found: Sequence[Violation], policies: Sequence[Policy]) -> Iterator[str]:
    """What, where, why it matters and what mends it, for each violation of a stack.

    Why and fix stand once for several violations of one policy.
    """
    by_name = {policy.name: policy for policy in policies}
    for name in dict.fromkeys(each.policy for each in found):
        for each in (each for each in found if each.policy == name):
            level = "mandatory" if each.mandatory else "did not run"
            yield f"{stack}: {name} ({level}): {each.place}: {each.message}"
        if name in by_name:
            yield f"    why: {by_name[name].description}"
            yield f"    fix: {by_name[name].remediation_steps}"
            yield f"    more: make policy EXPLAIN={name}"


def by_stack(results: Mapping[str, PackResult]) -> Iterator[str]:
    """A line for each stack: its resources and which policies it violates how often."""
    width = max(map(len, results))
    for stack, result in results.items():
        counts = Counter(each.policy for each in result.violations)
        listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        yield (
            f"{stack:{width}}  resources {result.resources},"
            f" violations {len(result.violations)}{f': {listed}' if listed else ''}"
        )


def explained(name: str, policies: Sequence[Policy]) -> str:
    """All that the pack knows of a policy. Raises LookupError, with names that are alike."""
    policy = next((each for each in policies if each.name == name), None)
    if policy is None:
        alike = difflib.get_close_matches(name, [each.name for each in policies])
        raise LookupError(f"no policy {name}: {', '.join(alike) or 'see docs/policies.md'}")
    framework: Any = policy.framework
    return "\n".join(
        (
            name,
            f"  what:   {asks(policy)}",
            f"  where:  {where(policy)}",
            f"  why:    {policy.description}",
            f"  fix:    {policy.remediation_steps}",
            f"  source: {framework.reference}",
            f"  tried:  mutants and near misses in docs/policies.md, under {name}",
            "  exempt: one finding until a day, with URN, text, reason and owner, in the file of"
            " --policy-pack-config (policies/README.md)",
        )
    )
