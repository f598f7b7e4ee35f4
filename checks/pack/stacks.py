"""The pack over one stack: in a preview of the engine, or over the pack's protocol without one."""

from dataclasses import dataclass, replace
from pathlib import Path

from checks.pack.analyzer import PACK, Violation, analyzer, resources_of
from checks.pack.switches import Configuration, levels, properties
from declared.program import PROJECT, ROOT, evaluate, stack_config
from declared.throwaway_secrets import throwaway_secrets
from localcloud.pulumi_cli import Engine, ProviderTarget
from policies.pack import policies
from policies.policy import FIX


@dataclass(frozen=True)
class PackResult:
    """The pack's result for one stack: how many resources, which URNs, which violations."""

    resources: int
    urns: frozenset[str]
    violations: tuple[Violation, ...]


def preview(engine: Engine, stack: str, config: Path | None) -> PackResult:
    """Preview a stack with the pack; config: file with the policies' configuration."""
    account = stack_config(stack)[f"{PROJECT}:accountId"]
    engine_stack = replace(engine, target=ProviderTarget(account)).stack(
        ROOT, stack, {}, throwaway_secrets()
    )
    outcome = engine_stack.preview(policy_pack=PACK, policy_config=config)
    descriptions = {policy.name: policy.description for policy in policies()}
    violations = tuple(
        Violation(
            each.policy_name,
            each.resource_urn or "",
            _what(each.message.removeprefix(descriptions.get(each.policy_name, ""))),
            mandatory=each.enforcement_level == "mandatory",
        )
        for each in outcome.policy_events
    )
    resources = sum(_type(urn).startswith("aws:") for urn in outcome.operations)
    return PackResult(resources, frozenset(outcome.operations), violations)


def analyze(stack: str, config: Configuration) -> PackResult:
    """Evaluate a stack and call the pack, without an engine; config: the policies'."""
    secrets = throwaway_secrets()
    program = evaluate(stack, secrets, preview=True)
    with analyzer(stack, {**stack_config(stack), **secrets}, secrets) as pack:
        pack.configure(properties(config), levels(config, pack.policies()))
        declared = resources_of(program)
        violations = tuple(pack.analyze_all(declared))
    urns = frozenset(each.urn for each in declared)
    return PackResult(len(program.resources), urns, violations)


def _what(message: str) -> str:
    """What is wrong, without the fix."""
    return message.partition(FIX)[0].strip()


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]
