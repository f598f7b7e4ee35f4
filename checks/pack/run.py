"""`make policy`: the pack over every stack, as a preview would show it."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from checks.pack.analyzer import PACK, Violation, analyzer, everything
from components.settings import ENVIRONMENTS
from declared.program import PROJECT, ROOT, evaluate, stack_config
from declared.throwaway_secrets import throwaway_secrets
from localcloud.pulumi_cli import Engine, NoEngineError, ProviderTarget, pulumi_engine
from policies.pack import policies

ENGINE_LEFT_OUT = (
    "left out: AWS's own provider, which would check inputs before the engine hands them on; its"
    " part was taken by the embedded cloud's"
)
LEFT_OUT = (
    "left out: no Pulumi engine and no AWS provider took part ({reason}); the pack's own server was"
    " asked over Pulumi's Analyzer protocol about the program as its SDK declares it in a preview"
)


@dataclass(frozen=True)
class Checked:
    """What was asked of one stack, and what was found."""

    policies: int
    resources: int
    violations: tuple[Violation, ...]


def previewed(engine: Engine, stack: str, config: Path | None) -> Checked:
    """Preview one stack with the pack; config: file of policies' configuration."""
    account = stack_config(stack)[f"{PROJECT}:accountId"]
    placed = replace(engine, target=ProviderTarget(account))
    outcome = placed.stack(ROOT, stack, {}, throwaway_secrets()).preview(
        policy_pack=PACK, policy_config=config
    )
    described = {policy.name: policy.description for policy in policies()}
    violations = tuple(
        Violation(
            each.policy_name,
            each.resource_urn or "",
            each.message.removeprefix(described.get(each.policy_name, "")).strip(),
            mandatory=each.enforcement_level == "mandatory",
        )
        for each in outcome.policy_events
    )
    return Checked(
        len(described), sum(_type(urn).startswith("aws:") for urn in outcome.operations), violations
    )


def asked(stack: str, config: Mapping[str, Mapping[str, Any]]) -> Checked:
    """Ask every policy about a stack, without an engine; config: policy -> its properties."""
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


def _configuration(path: Path | None) -> dict[str, Any]:
    given: Any = json.loads(path.read_text()) if path else {}
    known = {policy.name for policy in policies()}
    if not isinstance(given, dict) or not known.issuperset(cast("dict[str, Any]", given)):
        raise ValueError("expected an object, policy -> configuration; see docs/policies.md")
    return cast("dict[str, Any]", given)


def main(arguments: list[str]) -> int:
    """Exit status 1 if anything mandatory is violated or any policy did not run."""
    parser = argparse.ArgumentParser(prog="python -m checks.pack.run", description=__doc__)
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
    try:
        with pulumi_engine(ProviderTarget("")) as engine:
            checked = {stack: previewed(engine, stack, options.config) for stack in stacks}
        left_out = ENGINE_LEFT_OUT
    except NoEngineError as error:
        checked = {stack: asked(stack, config) for stack in stacks}
        left_out = LEFT_OUT.format(reason=error)
    for stack, result in checked.items():
        for each in result.violations:
            level = "mandatory" if each.mandatory else "did not run"
            where = each.urn.rpartition("::")[2] or "the stack"
            sys.stdout.write(f"{stack}: {each.policy} ({level}): {where}: {each.message}\n")
    results = list(checked.values())
    found = sum(len(result.violations) for result in results)
    sys.stdout.write(f"{left_out}\n")
    sys.stdout.write(
        f"stacks {len(stacks)}, policies {max(result.policies for result in results)},"
        f" resources {sum(result.resources for result in results)}, violations {found}\n"
    )
    return 1 if found else 0


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
