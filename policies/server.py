"""The pack's server: pulumi-policy's own with three amendments.

- pulumi-policy drops the configuration that the engine sends in ConfigureStack, the only call that
  marks secret keys. Here it is kept.
- pulumi-policy parses a request again for each policy: with 60 policies, three fifths of the time.
  Here a request is parsed once, and all stack policies share one graph.
- Data that takes long to read is read while the engine starts the program.
"""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    PolicyResource,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies import authorization_reference
from policies.once_per_object import OncePerObject
from policies.pack import NAME, policies
from policies.policy import graph_of
from policies.pulumi_policy_internals import (
    AnalyzerServicer,
    deserialize_properties,
    replace_in_library,
    unknown_checking_proxy,
)

WARM_UPS: tuple[Callable[[], object], ...] = (authorization_reference.load,)
"""What to read before the first request, each at most a second."""

_STACK_POLICIES: list[Any] = [
    each for each in policies() if isinstance(each, StackValidationPolicy)
]


def serve() -> None:
    """Serve the pack to the engine that started this process, until the engine ends it."""
    replace_in_library(
        servicer=_Servicer,
        message_to_dict=_message_to_dict,
        deserialize_properties=_deserialize_properties,
        unknown_checking_proxy=_unknown_checking_proxy,
    )
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies())


_message_to_dict = OncePerObject(json_format.MessageToDict)
_deserialize_properties = OncePerObject(deserialize_properties)
_unknown_checking_proxy = OncePerObject(unknown_checking_proxy)


_REMEDIATIONS = tuple(
    each
    for each in policies()
    if isinstance(each, ResourceValidationPolicy) and each.has_remediation()
)


class _Servicer(AnalyzerServicer):
    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        # the variables from which `pulumi.runtime` reads the configuration
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.config_secret_keys))
        # The engine starts the program after this call, so the first resource comes a second later.
        threading.Thread(target=_warm_up, daemon=True).start()
        return AnalyzerServicer.ConfigureStack(self, request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            return AnalyzerServicer.Analyze(self, request, context)
        finally:
            _clear()

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802
        # The engine calls it for each resource before Analyze, most often for nothing.
        levels = [self._get_enforcement_level(each) for each in _REMEDIATIONS]
        if EnforcementLevel.REMEDIATE not in levels:
            return analyzer_pb2.RemediateResponse()
        try:
            return AnalyzerServicer.Remediate(self, request, context)
        finally:
            _clear()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        # The library makes all resources anew for each policy.
        self._configure_runtime_settings()
        response = analyzer_pb2.AnalyzeResponse()
        resources = self._resources(request)
        try:
            for policy in _STACK_POLICIES:
                level = self._get_enforcement_level(policy)
                if level == EnforcementLevel.DISABLED:
                    continue
                if level == EnforcementLevel.REMEDIATE:  # nothing can remediate a stack
                    level = EnforcementLevel.MANDATORY
                report = self._create_report_violation(
                    response, policy.name, policy.description, level, policy.severity
                )
                config = self._get_policy_config(policy.name)
                policy.validate(StackValidationArgs(resources, config, {}), report)
        finally:
            _clear()
        return response

    def _resources(self, request: Any) -> list[PolicyResource]:
        made = {each.urn: self._resource(each) for each in request.resources}
        for each in request.resources:
            resource = made[each.urn]
            resource.parent = made.get(each.parent)
            resource.dependencies += [made[urn] for urn in each.dependencies if urn in made]
            for name, sources in each.propertyDependencies.items():
                found = [made[urn] for urn in sources.urns if urn in made]
                resource.property_dependencies[name] = found
        return list(made.values())

    def _resource(self, each: Any) -> PolicyResource:
        return PolicyResource(
            each.type,
            unknown_checking_proxy(
                deserialize_properties(json_format.MessageToDict(each.properties))
            ),
            each.urn,
            each.name,
            self._get_resource_options(each),
            self._get_provider_resource(each),
            parent=None,
            dependencies=[],
            property_dependencies={},
        )


def _warm_up() -> None:
    for read in WARM_UPS:
        read()


def _clear() -> None:
    for kept in (_message_to_dict, _deserialize_properties, _unknown_checking_proxy, graph_of):
        kept.clear()
