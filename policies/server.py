"""The pack's server: pulumi-policy's own with four amendments.

- pulumi-policy drops the configuration that the engine sends in ConfigureStack, the only call that
  marks secret keys. Here it is kept.
- pulumi-policy parses a request again for each policy: with 60 policies, three fifths of the time.
  Here a request is parsed once, only the policies of its type are asked, and all stack policies
  share one graph.
- What takes long to import is imported while the engine starts the program.
- A level below mandatory is a violation (`policies.rules.levels`).
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
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.exemptions import of_what_is_gone
from policies.pack import NAME, policies
from policies.policy import graph_of, judges
from policies.pulumi_policy_internals import (
    AnalyzerServicer,
    deserialize,
    serve_with,
    unknown_checking_proxy,
)
from policies.rules import levels
from policies.secret_texts import shapes
from policies.stack import unknown_inputs
from policies.stack.resource_graph import from_resource_args

WARM_UPS: tuple[Callable[[], object], ...] = (shapes.load,)
"""What to import before the first request, each at most a second."""

_POLICIES: list[Any] = policies()
_RESOURCE_POLICIES: list[Any] = [
    each for each in _POLICIES if isinstance(each, ResourceValidationPolicy)
]
_STACK_POLICIES: list[Any] = [each for each in _POLICIES if isinstance(each, StackValidationPolicy)]
_REMEDIATIONS = [each for each in _RESOURCE_POLICIES if each.has_remediation()]


def serve() -> None:
    """Serve the pack to the engine that started this process, until the engine ends it."""
    serve_with(Servicer)
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=_POLICIES)


# gRPC determines the methods' names and arguments.
# ruff: noqa: ARG002, D102, N802
class Servicer(AnalyzerServicer):
    """Answers the engine's calls, as the text above says."""

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        # the variables from which `pulumi.runtime` reads the configuration
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.config_secret_keys))
        return AnalyzerServicer.ConfigureStack(self, request, context)

    def Configure(self, request: Any, context: Any) -> Any:
        configured = {
            name: analyzer_pb2.EnforcementLevel.Name(each.enforcementLevel).lower()
            for name, each in request.policyConfig.items()
        }
        levels.problems[:] = levels.problems_of(configured, {each.name for each in _POLICIES})
        unknown_inputs.found.clear()
        # It is the engine's last call before it starts the program: its answer is not delayed.
        context.add_callback(threading.Thread(target=_warm_up, daemon=True).start)
        return AnalyzerServicer.Configure(self, request, context)

    def Analyze(self, request: Any, context: Any) -> Any:
        response = analyzer_pb2.AnalyzeResponse()
        sent = (
            request.type,
            _properties(request.properties),
            request.urn,
            request.name,
            self._get_resource_options(request),
            self._get_provider_resource(request),
        )
        unknown_inputs.note(from_resource_args(ResourceValidationArgs(*sent, {})))
        for policy in _RESOURCE_POLICIES:
            report = self._report_of(policy, response) if judges(policy, request.type) else None
            if report:
                config = self._get_policy_config(policy.name)
                policy.validate(ResourceValidationArgs(*sent, config), report)
        return response

    def Remediate(self, request: Any, context: Any) -> Any:
        # The engine calls it for each resource before Analyze, most often for nothing.
        asked = [self._get_enforcement_level(each) for each in _REMEDIATIONS]
        if EnforcementLevel.REMEDIATE not in asked:
            return analyzer_pb2.RemediateResponse()
        return AnalyzerServicer.Remediate(self, request, context)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        response = analyzer_pb2.AnalyzeResponse()
        resources = self._resources(request)
        try:
            for policy in _STACK_POLICIES:
                if report := self._report_of(policy, response):
                    given = self._get_policy_config(policy.name)
                    policy.validate(StackValidationArgs(resources, given), report)
            declared = frozenset(each.urn for each in resources)
            for policy in _RESOURCE_POLICIES:
                if report := self._report_of(policy, response):
                    config: Any = self._get_policy_config(policy.name) or {}
                    for urn, message in of_what_is_gone(config, declared):
                        report(message, urn)
        finally:
            graph_of.clear()
        return response

    def _report_of(self, policy: Any, response: Any) -> ReportViolation | None:
        """What the policy reports with; None if it is not asked."""
        level = self._get_enforcement_level(policy)
        if policy.name == levels.POLICY or level == EnforcementLevel.REMEDIATE:
            level = EnforcementLevel.MANDATORY  # after the remediation, what is wrong is refused
        if level == EnforcementLevel.DISABLED:
            return None
        return self._create_report_violation(
            response, policy.name, policy.description, level, policy.severity
        )

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
            _properties(each.properties),
            each.urn,
            each.name,
            self._get_resource_options(each),
            self._get_provider_resource(each),
            parent=None,
            dependencies=[],
            property_dependencies={},
        )


def _properties(sent: Any) -> Any:
    return unknown_checking_proxy(deserialize(json_format.MessageToDict(sent)))


def _warm_up() -> None:
    for load in WARM_UPS:
        load()
