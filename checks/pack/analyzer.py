"""Starts the pack as Pulumi's engine does, and calls it over the engine's Analyzer protocol."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from checks.pack.encoding import (
    analyze_request,
    analyzer_resource,
    struct,
)
from declared.program import PROJECT, ROOT, Program
from declared.resources import DeclaredResource
from policies.once_per_object import OncePerObject
from policies.policy import FIX
from policies.secret_texts.redaction import redacted
from policies.stack import resource_types

PACK = ROOT / "policies"
MANDATORY = analyzer_pb2.MANDATORY


@dataclass(frozen=True)
class Violation:
    """What the pack reports.

    urn: of the resource; empty where a stack policy names none.
    mandatory: blocks the deployment. What is not mandatory is a policy that did not run.
    """

    policy: str
    urn: str
    message: str
    mandatory: bool

    @property
    def place(self) -> str:
        """The resource's name, to be printed: a name may hold a secret."""
        return redacted(self.urn.rpartition("::")[2]) or "the stack"


@dataclass(frozen=True)
class Analyzer:
    """A running pack, for one stack."""

    stub: Any
    config: Mapping[str, str]

    def policies(self) -> dict[str, Any]:
        """Policy -> its enforcement level."""
        info = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        return {each.name: each.enforcementLevel for each in info.policies}

    def configure(
        self,
        config: Mapping[str, Mapping[str, Any]],
        levels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Set the configuration of policies: policy -> properties, and policy -> level."""
        given = {name: analyzer_pb2.EnforcementLevel.Value(v.upper()) for name, v in levels.items()}
        all_ = {**self._levels, **given}
        self._configure({name: (all_[name], config.get(name, {})) for name in {*config, *levels}})

    def enable_only(self, names: Collection[str]) -> None:
        """Disable all other policies."""
        disabled = analyzer_pb2.DISABLED
        levels = self._levels
        self._configure({n: (levels[n] if n in names else disabled, {}) for n in levels})

    @cached_property
    def _levels(self) -> dict[str, Any]:
        return self.policies()

    @cached_property
    def _encoded(self) -> OncePerObject:
        # a stack is sent once more for each change of one of its resources
        return OncePerObject(partial(analyzer_resource, config=self.config))

    def _configure(self, config: Mapping[str, tuple[Any, Mapping[str, Any]]]) -> None:
        configs = {
            name: analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=struct(properties))
            for name, (level, properties) in config.items()
        }
        self.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configs))

    def analyze(self, resource: DeclaredResource) -> Generator[Violation]:
        """The violations of the resource policies by one resource."""
        response = self.stub.Analyze(analyze_request(resource, self.config))
        yield from _violations(response, resource.urn)

    def analyze_stack(self, resources: Iterable[DeclaredResource]) -> Generator[Violation]:
        """The violations of the stack policies."""
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[self._encoded(each) for each in resources]
        )
        yield from _violations(self.stub.AnalyzeStack(request), "")

    def analyze_all(self, resources: Collection[DeclaredResource]) -> Generator[Violation]:
        """The violations of all policies by the resources of a stack."""
        for resource in resources:
            yield from self.analyze(resource)
        yield from self.analyze_stack(resources)


@contextmanager
def analyzer(
    stack: str,
    config: Mapping[str, str],
    secret_keys: Iterable[str],
    *,
    pack: Path = PACK,
    python: str = sys.executable,
) -> Generator[Analyzer]:
    """The pack in its own process, with a stack's configuration, as the engine runs it.

    pack: the pack's folder; python: the interpreter whose packages it gets.
    """
    environment = {
        **os.environ,
        "PULUMI_PROJECT": PROJECT,
        "PULUMI_STACK": stack,
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": json.dumps(dict(config)),
    }
    no_engine = "127.0.0.1:1"  # a pack calls the engine only to log
    command = [python, "-u", "-m", "pulumi.policy", no_engine, str(pack)]
    with subprocess.Popen(
        command, cwd=pack, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout  # noqa: S101 - piped
            port = process.stdout.readline().strip()
            if not port:
                raise RuntimeError(f"the policy pack ended with {process.wait()}: {command}")
            options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
                stub: Any = analyzer_pb2_grpc.AnalyzerStub(channel)
                stub.ConfigureStack(
                    analyzer_pb2.AnalyzerStackConfigureRequest(
                        stack=stack,
                        project=PROJECT,
                        dry_run=True,
                        config=config,
                        config_secret_keys=sorted(secret_keys),
                    )
                )
                yield Analyzer(stub, config)
        finally:
            process.kill()


def resources_of(program: Program) -> list[DeclaredResource]:
    """All resources that the engine has of a stack: also components, and the stack itself.

    The stack's outputs are the program's exports. What it reads of other stacks is a resource too.
    """
    declared = [*program.components, *program.resources]
    urn = next(each.parent for each in declared if f"::{resource_types.STACK}::" in each.parent)
    stack = DeclaredResource(
        resource_types.STACK, urn.rpartition("::")[2], urn, "", program.exports
    )
    sources = {
        source
        for each in declared
        for urns in each.property_dependencies.values()
        for source in urns
        if f"::{resource_types.STACK_REFERENCE}::" in source
    }
    references = [
        DeclaredResource(resource_types.STACK_REFERENCE, each.rpartition("::")[2], each, urn, {})
        for each in sorted(sources)
    ]
    return [stack, *references, *declared]


def _violations(response: Any, urn: str) -> Generator[Violation]:
    for each in response.not_applicable:
        yield Violation(each.policy_name, urn, f"skipped: {each.reason}", mandatory=False)
    for each in response.diagnostics:
        text = each.message.removeprefix(each.description).partition(FIX)[0].strip()
        yield Violation(
            each.policyName, each.urn or urn, text, mandatory=each.enforcementLevel == MANDATORY
        )
