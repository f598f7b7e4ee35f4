"""The stack that is mutated: prod with every option."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi_aws

from checks.pack.analyzer import resources_of
from declared.program import PROJECT, evaluate, stack_config
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from tests.policies.survivors.judge import Judge
from tests.policies.survivors.mutations import Kind, MachineMutant, mutants_of

STACK = "prod"
OPTIONS: dict[str, object] = {
    "vpc": {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]},
    "browserClient": True,
    "corsOrigins": ["https://goals.example.com"],
    "alertEmails": ["operators@example.com"],
    "permissionsBoundary": True,
    "customDomain": {
        "name": "api.goals.example.com",
        "certificateArn": "arn:aws:acm:ap-northeast-1:123456789012:certificate/0a1b2c3d",
    },
    "backups": {"enabled": True},
    "generation": {"provisionedConcurrency": 5, "reservedConcurrency": 30},
}
"""Settings that declare something which the stack file's do not."""


@dataclass(frozen=True)
class MutatedStack:
    """A judge of the stack, and all mutants of its resources by kind."""

    judge: Judge
    mutants: dict[Kind, list[MachineMutant]]

    def survivors(self, kinds: Iterable[Kind]) -> list[Kind]:
        """The kinds of which a mutant survives."""
        return [
            kind
            for kind in kinds
            if any(self.judge.survives(each.resource, each.input) for each in self.mutants[kind])
        ]


def settings() -> tuple[dict[str, str], Collection[str]]:
    """The stack's whole configuration with throwaway secrets, and the keys of the secrets."""
    secrets = throwaway_secrets()
    options = {
        key: each if isinstance(each, str) else json.dumps(each) for key, each in OPTIONS.items()
    }
    given = {f"{PROJECT}:{key}": value for key, value in options.items()}
    return {**stack_config(STACK), **secrets, **given}, secrets


def mutated_stack(config: dict[str, str]) -> MutatedStack:
    """The stack with its mutants; `judge.environment` has to be in the process's environment."""
    # Sorted, for they are registered in another order each time, and a value is swapped for the
    # next one.
    resources = sorted(
        resources_of(evaluate(STACK, config, preview=True)), key=lambda each: each.urn
    )
    by_type: dict[str, list[DeclaredResource]] = defaultdict(list)
    for each in resources:
        by_type[each.type].append(each)
    mutants: dict[Kind, list[MachineMutant]] = defaultdict(list)
    for each in resources:
        if each.type.startswith("aws:"):
            for mutant in mutants_of(each, by_type):
                if not _is_required(mutant):
                    mutants[mutant.kind].append(mutant)
    return MutatedStack(Judge(resources, config), dict(mutants))


def _is_required(mutant: MachineMutant) -> bool:
    """Whether it drops an input without which pulumi_aws makes no resource."""
    return mutant.kind.mutation == "drop" and mutant.kind.property in _required(mutant.kind.type)


@cache
def _required(type_: str) -> frozenset[str]:
    """The inputs that pulumi_aws requires of a type, such as aws:lambda/function:Function."""
    _, path, name = type_.split(":")
    module_name = path.partition("/")[0]
    module: Any = getattr(pulumi_aws, "lambda_" if module_name == "lambda" else module_name)
    parameters = inspect.signature(getattr(module, f"{name}Args").__init__).parameters
    return frozenset(
        re.sub(r"_(\w)", lambda match: match[1].upper(), key)
        for key, each in parameters.items()
        if each.default is inspect.Parameter.empty
    )
