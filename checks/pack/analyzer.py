"""The pack's other side: starts it as Pulumi's engine does and speaks its Analyzer protocol."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.output import Unknown
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi.runtime.rpc import (
    _special_archive_sig,  # pyright: ignore[reportPrivateUsage]
    _special_secret_sig,  # pyright: ignore[reportPrivateUsage]
    _special_sig_key,  # pyright: ignore[reportPrivateUsage]
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from declared.program import PROJECT, DeclaredResource, Program
from policies import resource_types

PACK = Path(__file__).resolve().parents[2] / "policies"
MANDATORY = analyzer_pb2.MANDATORY


@dataclass(frozen=True)
class Violation:
    """What the pack reports.

    urn: of the resource; empty where a stack policy names none.
    mandatory: blocks the deployment.
    """

    policy: str
    urn: str
    message: str
    mandatory: bool


@dataclass(frozen=True)
class Analyzer:
    """A running pack, for one stack."""

    stub: Any
    config: Mapping[str, str]

    def policies(self) -> dict[str, Any]:
        """Policy -> its enforcement level."""
        info = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        return {each.name: each.enforcementLevel for each in info.policies}

    def configure(self, config: Mapping[str, Mapping[str, Any]]) -> None:
        """Give policies their configuration: policy -> properties."""
        levels = self.policies()
        self._configure({name: (levels[name], each) for name, each in config.items()})

    def enable_only(self, names: Collection[str]) -> None:
        """Let the other policies rest."""
        disabled = analyzer_pb2.DISABLED
        levels = self.policies()
        self._configure({n: (levels[n] if n in names else disabled, {}) for n in levels})

    def _configure(self, config: Mapping[str, tuple[Any, Mapping[str, Any]]]) -> None:
        configs = {
            name: analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=_struct(properties))
            for name, (level, properties) in config.items()
        }
        self.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configs))

    def resource(self, resource: DeclaredResource) -> Generator[Violation]:
        """What the resource policies say of one resource."""
        request = analyzer_pb2.AnalyzeRequest(
            type=resource.type,
            properties=_inputs(resource),
            urn=resource.urn,
            name=resource.name,
            options=_options(resource),
            provider=self._provider(resource),
        )
        yield from _violations(self.stub.Analyze(request), resource.urn)

    def stack(self, resources: Iterable[DeclaredResource]) -> Generator[Violation]:
        """What the stack policies say of all of them."""
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(
                    type=each.type,
                    properties=_inputs(_with_outputs(each)),
                    urn=each.urn,
                    name=each.name,
                    options=_options(each),
                    provider=self._provider(each),
                    parent=each.parent,
                    dependencies=sorted(each.dependencies),
                    propertyDependencies={
                        name: analyzer_pb2.AnalyzerPropertyDependencies(urns=sorted(urns))
                        for name, urns in each.property_dependencies.items()
                    },
                )
                for each in resources
            ]
        )
        yield from _violations(self.stub.AnalyzeStack(request), "")

    def _provider(self, resource: DeclaredResource) -> Any:
        if not resource.type.startswith("aws:"):
            return None
        inputs = {
            name.removeprefix("aws:"): value
            for name, value in self.config.items()
            if name.startswith("aws:")
        }
        return analyzer_pb2.AnalyzerProviderResource(
            type="pulumi:providers:aws", name="default", properties=_struct(inputs)
        )


@contextmanager
def analyzer(
    stack: str, config: Mapping[str, str], secret_keys: Iterable[str]
) -> Generator[Analyzer]:
    """The pack in a process of its own, with a stack's configuration, as the engine runs it."""
    environment = {
        **os.environ,
        "PULUMI_PROJECT": PROJECT,
        "PULUMI_STACK": stack,
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": json.dumps(dict(config)),
    }
    no_engine = "127.0.0.1:1"  # a pack calls it for nothing but its logs
    command = [sys.executable, "-u", "-m", "pulumi.policy", no_engine, str(PACK)]
    with subprocess.Popen(
        command, cwd=PACK, env=environment, stdout=subprocess.PIPE, text=True
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


def everything(program: Program) -> list[DeclaredResource]:
    """All that the engine knows of a stack: with its components, and its exports as its outputs."""
    declared = [*program.components, *program.resources]
    urn = next(each.parent for each in declared if f"::{resource_types.STACK}::" in each.parent)
    stack = DeclaredResource(
        resource_types.STACK, urn.rpartition("::")[2], urn, "", program.exports
    )
    return [stack, *declared]


def _violations(response: Any, urn: str) -> Generator[Violation]:
    for each in response.not_applicable:
        yield Violation(each.policy_name, urn, f"skipped: {each.reason}", mandatory=False)
    for each in response.diagnostics:
        text = each.message.removeprefix(each.description).strip()
        yield Violation(
            each.policyName, each.urn or urn, text, mandatory=each.enforcementLevel == MANDATORY
        )


def _options(resource: DeclaredResource) -> Any:
    return analyzer_pb2.AnalyzerResourceOptions(protect=resource.protect, parent=resource.parent)


def _with_outputs(resource: DeclaredResource) -> DeclaredResource:
    """The engine hands over outputs to AnalyzeStack: what is computed is unknown in a preview."""
    if not resource.type.startswith("aws:"):
        return resource
    computed = ("id", "arn", *resource_types.COMPUTED.get(resource.type, ()))
    return replace(resource, inputs={**dict.fromkeys(computed, Unknown()), **resource.inputs})


def _inputs(resource: DeclaredResource) -> struct_pb2.Struct:
    return _struct(
        {
            name: {_special_sig_key: _special_secret_sig, "value": value}
            if name in resource.secret_inputs
            else value
            for name, value in resource.inputs.items()
        }
    )


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(_as_sent(values))
    return struct


def _as_sent(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, pulumi.FileArchive):
        return {_special_sig_key: _special_archive_sig, "path": value.path}
    inner: Any = value
    if isinstance(value, Mapping):
        return {name: _as_sent(each) for name, each in inner.items()}
    if isinstance(value, list):
        return [_as_sent(each) for each in inner]
    return value
