"""Asks the pack's policies about a changed resource, in this process.

A stack policy is asked only if it reads the changed input: what it does not read on the stack as it
is cannot change its answer.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from google.protobuf import json_format
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from checks.pack.encoding import analyze_request, analyzer_resource
from declared.program import PROJECT
from declared.resources import DeclaredResource
from policies.pack import policies
from policies.policy import graph_of
from policies.pulumi_policy_internals import deserialize, unknown_checking_proxy

_EVERY = "*"
"""Stands for every input of a resource that a policy goes through."""


class Judge:
    """The pack's policies, and a stack on which none of them reports anything."""

    def __init__(self, resources: list[DeclaredResource], config: Mapping[str, str]) -> None:
        """Record what each stack policy reads. Raises AssertionError if a policy reports something.

        The caller has to put `environment` into the process's environment.
        """
        self._config = config
        self._declared = {each.urn: each for each in resources}
        self._sent = {urn: self._stack_resource(each) for urn, each in self._declared.items()}
        self._stack_policies: list[tuple[Any, set[tuple[str, str]]]] = []
        self._resource_policies: list[Any] = []
        for policy in policies():
            if isinstance(policy, StackValidationPolicy):
                self._stack_policies.append((policy, self._reads(policy)))
            elif isinstance(policy, ResourceValidationPolicy):
                self._resource_policies.append(policy)
        for each in resources:
            assert not any(self._by_resource_policies(each)), each.urn

    def survives(self, resource: DeclaredResource, input_: str) -> bool:
        """Whether no policy reports a stack with this resource in place of the declared one.

        input_: where the two differ.
        """
        if any(self._by_resource_policies(resource)):
            return False
        declared = self._declared[resource.urn]
        stack = [*{**self._sent, resource.urn: self._stack_resource(resource)}.values()]
        rewired = resource.property_dependencies != declared.property_dependencies
        changed = {(resource.urn, input_), (resource.urn, _EVERY)}
        try:
            for index, (policy, reads) in enumerate(self._stack_policies):
                asked = rewired or not changed.isdisjoint(reads)
                if asked and _reports(policy, StackValidationArgs(stack, None, {})):
                    # Most often it reports the next mutant, too: ask it first.
                    self._stack_policies.insert(0, self._stack_policies.pop(index))
                    return False
        finally:
            graph_of.clear()
        return True

    def _by_resource_policies(self, resource: DeclaredResource) -> Iterator[bool]:
        request = analyze_request(resource, self._config)
        props, provider = _properties(request.properties), _provider(request)
        for policy in self._resource_policies:
            args = ResourceValidationArgs(
                request.type,
                props,
                request.urn,
                request.name,
                _options(request),
                provider,
                None,
                {},
            )
            if _reports(policy, args):
                yield policy.name

    def _stack_resource(self, resource: DeclaredResource) -> PolicyResource:
        sent = analyzer_resource(resource, self._config)
        return PolicyResource(
            sent.type,
            _properties(sent.properties),
            sent.urn,
            sent.name,
            _options(sent),
            _provider(sent),
            parent=None,
            dependencies=[_named(urn) for urn in sent.dependencies],
            property_dependencies={
                name: [_named(urn) for urn in sources.urns]
                for name, sources in sent.propertyDependencies.items()
            },
        )

    def _reads(self, policy: Any) -> set[tuple[str, str]]:
        reads = set[tuple[str, str]]()
        recorded: list[PolicyResource] = []
        for urn, each in self._sent.items():
            resource = self._stack_resource(self._declared[urn])
            resource.props = _Recorded(urn, each.props, reads)
            recorded.append(resource)
        assert not _reports(policy, StackValidationArgs(recorded, None, {})), policy.name
        graph_of.clear()
        return reads


def environment(
    stack: str, config: Mapping[str, str], secret_keys: Collection[str]
) -> dict[str, str]:
    """The variables from which policies read the stack's configuration."""
    return {
        "PULUMI_PROJECT": PROJECT,
        "PULUMI_STACK": stack,
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": json.dumps(dict(config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(secret_keys)),
    }


class _Recorded(Mapping[str, Any]):
    """Properties that note what is read of them."""

    def __init__(self, urn: str, props: Mapping[str, Any], reads: set[tuple[str, str]]) -> None:
        self._urn, self._props, self._reads = urn, props, reads

    def __getitem__(self, key: str) -> Any:
        self._reads.add((self._urn, key))
        return self._props[key]

    def __iter__(self) -> Iterator[str]:
        self._reads.add((self._urn, _EVERY))
        return iter(self._props)

    def __len__(self) -> int:
        self._reads.add((self._urn, _EVERY))
        return len(self._props)


def _reports(policy: Any, args: Any) -> bool:
    found: list[str] = []

    def report(message: str, _urn: str | None = None) -> None:
        found.append(message)

    policy.validate(args, report)
    return bool(found)


def _named(urn: str) -> PolicyResource:
    options = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
    return PolicyResource("", {}, urn, "", options, None, None, [], {})


def _properties(struct: Any) -> Any:
    return unknown_checking_proxy(deserialize(json_format.MessageToDict(struct)))


def _options(sent: Any) -> PolicyResourceOptions:
    parent = sent.options.parent or getattr(sent, "parent", None)
    timeouts = PolicyCustomTimeouts(0, 0, 0)
    return PolicyResourceOptions(sent.options.protect, [], None, [], timeouts, [], parent)


def _provider(sent: Any) -> PolicyProviderResource | None:
    if not sent.HasField("provider"):
        return None
    provider = sent.provider
    return PolicyProviderResource(
        provider.type, _properties(provider.properties), provider.urn, provider.name
    )
