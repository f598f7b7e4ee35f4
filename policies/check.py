"""`make policy`: the pack over every stack, as a preview would show it."""

import argparse
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from components.settings import ENVIRONMENTS
from localcloud.program import PROJECT, evaluate, stack_config
from policies.analyzer import Violation, analyzer, everything
from policies.pack import policies

LEFT_OUT = (
    "left out: no Pulumi engine and no AWS provider took part; the pack's own server was asked over"
    " Pulumi's Analyzer protocol about the program as its SDK declares it in a preview"
)


@dataclass(frozen=True)
class Checked:
    """What was asked of one stack, and what was found."""

    policies: int
    resources: int
    violations: tuple[Violation, ...]


def check(stack: str, config: Mapping[str, Mapping[str, Any]]) -> Checked:
    """Ask every policy about a stack; config: policy -> its properties, such as exemptions."""
    given = throwaway_secrets()
    program = evaluate(stack, given, preview=True)
    resources = everything(program)
    values = {**stack_config(stack), **given}
    with analyzer(stack, values, given) as pack:
        pack.configure(config)
        names = pack.policies()
        violations = [each for resource in resources for each in pack.resource(resource)]
        violations += pack.stack(resources)
    return Checked(len(names), len(program.resources), tuple(violations))


def throwaway_secrets() -> dict[str, str]:
    """The configuration that no stack file holds; policies ask where it goes, not what it is."""
    return {
        f"{PROJECT}:databaseUrl": f"postgresql://policy:{secrets.token_hex(8)}@db.invalid/goals",
        f"{PROJECT}:jwtSecret": secrets.token_hex(32),
        f"{PROJECT}:slackWebhook": f"https://slack.invalid/{secrets.token_hex(8)}",
    }


def _configuration(path: Path | None) -> dict[str, Any]:
    given: Any = json.loads(path.read_text()) if path else {}
    known = {policy.name for policy in policies()}
    if not isinstance(given, dict) or not known.issuperset(cast("dict[str, Any]", given)):
        raise ValueError("expected an object, policy -> configuration; see docs/policies.md")
    return cast("dict[str, Any]", given)


def main(arguments: list[str]) -> int:
    """Exit status 1 if anything mandatory is violated or any policy did not run."""
    parser = argparse.ArgumentParser(prog="python -m policies.check", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=", ".join(ENVIRONMENTS))
    parser.add_argument(
        "--config", type=Path, help="JSON, as for pulumi --policy-pack-config: exemptions"
    )
    options = parser.parse_args(arguments)
    stacks: list[str] = options.stacks or list(ENVIRONMENTS)
    if unknown := set(stacks) - set(ENVIRONMENTS):
        parser.error(f"no stack {', '.join(unknown)}: {', '.join(ENVIRONMENTS)}")
    try:
        config = _configuration(options.config)
    except (OSError, ValueError) as error:
        parser.error(f"--config {options.config}: {error}")
    checked = {stack: check(stack, config) for stack in stacks}
    for stack, result in checked.items():
        for each in result.violations:
            level = "mandatory" if each.mandatory else "did not run"
            where = each.urn.rpartition("::")[2] or "the stack"
            sys.stdout.write(f"{stack}: {each.policy} ({level}): {where}: {each.message}\n")
    results = list(checked.values())
    found = sum(len(result.violations) for result in results)
    sys.stdout.write(f"{LEFT_OUT}\n")
    sys.stdout.write(
        f"stacks {len(stacks)}, policies {max(result.policies for result in results)},"
        f" resources {sum(result.resources for result in results)}, violations {found}\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
