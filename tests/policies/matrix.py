"""All policies over all mutants; `python -m tests.policies.matrix` writes docs/policies.md."""

from typing import Any

from declared.program import ROOT
from policies.pack import CONCERNS, policies
from tests.policies.mutants import MUTANTS
from tests.policies.mutate import Mutant
from tests.policies.stacks import ALL_POLICIES, stacks_under_test

DOCUMENT = ROOT / "docs" / "policies.md"

_INTRODUCTION = """\
# Policies

<!-- Written by `python -m tests.policies.matrix`; a test compares it. -->

The pack in `policies/` has {count} policies, all mandatory. `make policy` runs them over all four
stacks; `pulumi preview --policy-pack policies` runs them over one
([how to use the pack](../policies/README.md)).

A value that is unknown at preview, or that cannot be read, is a violation. Exempt one finding of a
policy by its URN and text, with a reason, an owner and a last day (at most 90 days away), in the
file of `--policy-pack-config`. An expired exemption is a violation, and so is a policy that the
file disables or makes advisory.

```json
{{
  "access-cors": {{
    "exemptions": [
      {{
        "urn": "urn:pulumi:dev::...",
        "violation": "the text of the one finding",
        "owner": "web team",
        "reason": "until the client has a domain",
        "expires": "2027-01-31"
      }}
    ]
  }}
}}
```
"""

_MUTANTS = """
## Mutants

{wrong} programs with one fault, and {right} near misses, which only look as if they violated the
policy. All policies run over each.

| policy | mutant | violated | other violated policies |
|---|---|---|---|
"""


def render(results: list[tuple[Mutant, set[str]]]) -> str:
    """docs/policies.md; results: each mutant with the policies that it violates."""
    every = policies()
    text = _INTRODUCTION.format(count=len(every))
    for concern in CONCERNS:
        text += f"\n## {(concern.__doc__ or '').splitlines()[0]}\n\n"
        text += f"`{concern.__name__.replace('.', '/')}.py`\n\n"
        text += "| policy | without it | how to fix a violation | source |\n|---|---|---|---|\n"
        for policy in (each for each in every if each in vars(concern).values()):
            framework: Any = policy.framework
            cells = (f"`{policy.name}`", policy.description, policy.remediation_steps)
            text += f"| {' | '.join([*map(str, cells), framework.reference])} |\n"
    near_misses = sum(mutant.near_miss for mutant, _ in results)
    text += _MUTANTS.format(wrong=len(results) - near_misses, right=near_misses)
    for mutant, violated in results:
        others = ", ".join(f"`{each}`" for each in sorted(violated - {mutant.policy}))
        is_violated = "yes" if mutant.policy in violated else "no"
        expected = " (near miss)" if mutant.near_miss else ""
        what = mutant.what.replace("|", "\\|")
        text += f"| `{mutant.policy}` | {what} | {is_violated}{expected} | {others} |\n"
    return text


def main() -> None:
    """Write the document."""
    with stacks_under_test() as stacks:
        results = [(mutant, stacks.violated(mutant, ALL_POLICIES)) for mutant in MUTANTS]
    DOCUMENT.write_text(render(results))


if __name__ == "__main__":
    main()
