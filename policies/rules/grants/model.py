"""The model that a function may call is the one that it is told to call."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi.runtime

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph, strings
from policies.stack.roles import grants_of, holders_of, policies_of

_GEOGRAPHIES = {"apac": "ap-", "au": "ap-", "eu": "eu-", "jp": "ap-northeast-", "us": "us-"}
"""Geography of an inference profile -> how its regions begin (Amazon Bedrock User Guide: supported
regions and models for inference profiles). The profile `global` has models without a region."""

_MODEL = re.compile(
    r"arn:aws:bedrock:([a-z0-9-]*):\d*:"
    r"(foundation-model|inference-profile|application-inference-profile)/(.+)"
)


@stack_policy(
    "grants-configured-model",
    risk="A costly model, or one in a country where the data may not go, can be called; or the"
    " configured one cannot.",
    fix="Grant the model of BEDROCK_MODEL only: in this region, or the profile with the models in"
    " its own regions.",
    source="design: Settings, bedrockModel; Amazon Bedrock User Guide: inference profiles",
)
def configured_model(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Grants on models name those that the environment of the role's function names."""
    for role in graph.of(resource_types.ROLE):
        where = next(iter(policies_of(graph, role)), role)
        functions = [
            each for each in holders_of(graph, role) if each.type == resource_types.FUNCTION
        ]
        told = _told(functions)
        granted = [
            found
            for statement in grants_of(graph, role)
            for arn in statement.resources
            if (found := _MODEL.fullmatch(arn))
        ]
        for found in granted:
            if not any(_is_of(graph, each, found) for each in told):
                yield where, f"{found[0]} is not the model that {role.name}'s function is told"
        for function in functions:
            model = function.read("environment", "variables", "BEDROCK_MODEL")
            if isinstance(model, str) and not any(model in (f[0], f[3]) for f in granted):
                yield where, f"{function.name} is told {model}, and its role may not call it"


def _told(functions: list[Resource]) -> set[str]:
    """The model ids and profiles in environments, and what a profile was made from."""
    values = {
        value
        for function in functions
        for _, value in strings(function.read("environment", "variables"))
    }
    config: dict[str, Any] = dict(pulumi.runtime.get_config_env())
    if any(":application-inference-profile/" in value for value in values):
        values |= {v for key, v in config.items() if key.endswith(":bedrockProfileSource")}
    return values


def _is_of(graph: ResourceGraph, told: str, found: re.Match[str]) -> bool:
    region, kind, name = found.groups()
    if kind == "application-inference-profile":
        return told == found[0]
    if kind == "inference-profile":
        return told == name and region == graph.region
    geography, _, profiled = told.partition(".")
    if geography == "global":
        return name == profiled and region in ("", graph.region)
    if geography in _GEOGRAPHIES:
        regions = _GEOGRAPHIES[geography]
        return name == profiled and (region == graph.region or region.startswith(regions))
    return told == name and region == graph.region
