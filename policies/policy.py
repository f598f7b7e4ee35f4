"""How a policy is written: a generator that yields violations of one resource, or of the stack.

This module makes a CrossGuard policy of it and adds what all policies have in common. A value that
is unknown in a preview, and an input that cannot be read, are violations: pulumi-policy would give
advice at most, or end the preview. One policy reports an unknown input; what the others say because
of it is left out (`stack.unknown_inputs`). Violations can be exempted (`exemptions`).
"""

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.exemptions import CONFIG_SCHEMA, CRASH, unexempted
from policies.once_per_object import OncePerObject
from policies.pulumi_policy_internals import UnknownValueError
from policies.secret_texts.redaction import redacted
from policies.stack import unknown_inputs
from policies.stack.resource_graph import (
    Resource,
    ResourceGraph,
    from_policy_resource,
    from_resource_args,
)
from policies.stack.unknown_reads import touched

_T = TypeVar("_T")

FIX = "\nFix: "
"""In a violation's text, between what is wrong and the change that mends it."""

ResourceRule = Callable[[Resource], Iterator[str]]
"""Yields a message for each violation."""

Remediation = Callable[[Resource], Mapping[str, Any]]
"""Returns the inputs to change, with their new values."""

StackRule = Callable[[ResourceGraph], Iterator[tuple[Resource, str]]]
"""Yields the resource and a message for each violation."""


def _graph_of(resources: Sequence[PolicyResource]) -> ResourceGraph:
    return ResourceGraph([from_policy_resource(each) for each in resources])


graph_of = OncePerObject(_graph_of)
"""The graph of the resources that one request has for all stack policies."""

_types: dict[str, frozenset[str]] = {}
"""Resource policy -> the types that it judges; empty: every type."""


_asked: dict[str, str] = {}
"""Policy -> what it asks for, in one sentence: its rule's docstring."""


def asks(policy: Policy) -> str:
    """What has to be so, in one sentence."""
    return _asked[policy.name]


def where(policy: Policy) -> str:
    """What a policy looks at."""
    if isinstance(policy, StackValidationPolicy):
        return "all resources of a stack together"
    types = sorted(_types[policy.name])
    return f"each resource of {', '.join(types)}" if types else "each resource"


def judges(policy: ResourceValidationPolicy, type_: str) -> bool:
    """Whether a resource policy judges resources of a type."""
    return not _types[policy.name] or type_ in _types[policy.name]


def resource_policy(
    name: str,
    *,
    on: Collection[str],
    risk: str,
    fix: str,
    source: str,
    remediate: Remediation | None = None,
    can_be_exempt: bool = True,
) -> Callable[[ResourceRule], ResourceValidationPolicy]:
    """Make a policy of a rule for each resource of the types `on` (empty: of every type).

    risk: what happens without the policy. fix: what to do. source: the standard or guide.
    remediate: the change that mends a resource, made at enforcement level `remediate` only.
    can_be_exempt: False: the policy's configuration lets nothing pass.
    """
    _types[name] = frozenset(on)

    def policy_of(rule: ResourceRule) -> ResourceValidationPolicy:
        _asked[name] = _first_sentence(rule)

        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            resource = from_resource_args(args)
            if on and resource.type not in on:
                return
            touched().clear()
            found = [
                (resource.urn, message)
                for message in _violations(rule, resource)
                if not (can_be_exempt and unknown_inputs.may_explain(resource))
            ]
            config: Mapping[str, Any] = args.get_config() if can_be_exempt else {}
            for urn, message in unexempted(found, config, resource.urn):
                report(f"{message}{FIX}{fix}", urn)

        def mended(args: ResourceValidationArgs) -> Any:
            resource = from_resource_args(args)
            if remediate is None or (on and resource.type not in on):
                return None
            changes = remediate(resource)
            inputs: Any = args.props
            for input_, value in changes.items():
                inputs[input_] = value
            return inputs if changes else None

        return ResourceValidationPolicy(
            name=name,
            description=risk,
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=validate,
            remediate=mended if remediate else None,
            config_schema=CONFIG_SCHEMA if can_be_exempt else None,
            remediation_steps=fix,
            framework=PolicyComplianceFramework(reference=source),
        )

    return policy_of


def stack_policy(
    name: str,
    *,
    risk: str,
    fix: str,
    source: str,
) -> Callable[[StackRule], StackValidationPolicy]:
    """Make a policy of a rule for the whole stack; the rest is as for `resource_policy`."""

    def policy_of(rule: StackRule) -> StackValidationPolicy:
        _asked[name] = _first_sentence(rule)

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            graph = graph_of(args.resources)
            touched().clear()
            found = [
                (each.urn, message)
                for each, message in _stack_violations(rule, graph)
                if not unknown_inputs.may_explain(each)  # with what the rule has read so far
            ]
            for urn, message in unexempted(
                found, args.get_config(), declared=frozenset(graph.by_urn)
            ):
                report(f"{message}{FIX}{fix}", urn)

        return StackValidationPolicy(
            name=name,
            description=risk,
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=validate,
            config_schema=CONFIG_SCHEMA,
            remediation_steps=fix,
            framework=PolicyComplianceFramework(reference=source),
        )

    return policy_of


def _first_sentence(rule: ResourceRule | StackRule) -> str:
    return " ".join((rule.__doc__ or "").partition("\n\n")[0].split())


def _stack_violations(rule: StackRule, graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The rule's violations; a crash is one of the resource that was being read."""
    try:
        yield from ((resource, redacted(message)) for resource, message in rule(graph))
    except Exception as error:
        path = error.props[0] if isinstance(error, UnknownValueError) else ""
        urn = unknown_inputs.holder(str(path))
        resource = graph.by_urn[urn] if urn else _read_last(error, graph)
        yield resource, _crash(error, resource)


def _read_last(error: Exception, graph: ResourceGraph) -> Resource:
    """The innermost resource that the failed calls hold; else the stack."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    held = (value for frame in reversed(frames) for value in frame.f_locals.values())
    return next((each for each in held if isinstance(each, Resource)), graph.resources[0])


def _violations(rule: ResourceRule, resource: Resource) -> Iterator[str]:
    """The rule's violations; an input that it cannot read is one more."""
    try:
        yield from (redacted(message) for message in rule(resource))
    except Exception as error:
        yield _crash(error, resource)


def _crash(error: Exception, resource: Resource) -> str:
    if isinstance(error, UnknownValueError):
        touched().add((resource.urn, str(error.props[0])))
        path = ".".join(error.props)
        return f"{path} is not known at preview: compute it, so that it can be checked"
    if isinstance(error, KeyError):
        return redacted(f"{CRASH} (it declares no {error.args[0]})")
    return redacted(f"{CRASH} ({type(error).__name__}: {error})")
