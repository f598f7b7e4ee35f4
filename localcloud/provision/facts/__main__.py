"""`python -m localcloud.provision.facts`: how much of what is declared is known, and how surely."""

import sys

from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from localcloud.provision.facts import all_types, facts_of, undescribed


def main() -> int:
    """1 if something is declared that has no facts."""
    unknown: set[str] = set()
    for stack in ("local", "dev", "staging", "prod"):
        for each in evaluate(stack, throwaway_secrets(), preview=True, folder=ROOT).resources:
            facts = facts_of(each.type)
            if facts is None:
                unknown.add(each.type)
            else:
                unknown |= {f"{each.type} {path}" for path in undescribed(facts, each.inputs)}
    for type_ in all_types():
        facts = facts_of(type_)
        if facts:
            left = f"; not described: {', '.join(sorted(facts.undescribed))}"
            count = f"{len(facts.properties)} properties"
            sys.stdout.write(
                f"{type_}: {facts.verified}, {count}{left if facts.undescribed else ''}\n"
            )
            sys.stdout.writelines(f"  {note}\n" for note in facts.notes)
    for each in sorted(unknown):
        sys.stdout.write(f"Declared, and without facts: {each}\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
