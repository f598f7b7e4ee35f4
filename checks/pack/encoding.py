"""Resources as the engine encodes them for a policy pack."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.output import Unknown
from pulumi.runtime.proto import analyzer_pb2

from declared.computed_outputs import COMPUTED_INPUTS
from declared.resources import DeclaredResource
from policies.pulumi_policy_internals import (
    SPECIAL_ARCHIVE_SIG,
    SPECIAL_ASSET_SIG,
    SPECIAL_SECRET_SIG,
    SPECIAL_SIG_KEY,
    UNKNOWN_STRING_VALUE,
)


def analyze_request(resource: DeclaredResource, config: Mapping[str, str]) -> Any:
    """The request for resource policies: the resource's inputs.

    config: the stack's; it gives the settings of the default provider.
    """
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type,
        properties=_properties(resource),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(resource, config),
    )


def analyzer_resource(resource: DeclaredResource, config: Mapping[str, str]) -> Any:
    """One resource of the request for stack policies: inputs, outputs and dependencies."""
    return analyzer_pb2.AnalyzerResource(
        type=resource.type,
        properties=_properties(_with_outputs(resource)),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(resource, config),
        parent=resource.parent,
        dependencies=sorted(resource.dependencies),
        propertyDependencies={
            name: analyzer_pb2.AnalyzerPropertyDependencies(urns=sorted(urns))
            for name, urns in resource.property_dependencies.items()
        },
    )


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Values as a protobuf Struct, with the engine's encoding of unknowns and archives."""
    encoded = struct_pb2.Struct()
    encoded.update(_encoded(values))
    return encoded


def _options(resource: DeclaredResource) -> Any:
    return analyzer_pb2.AnalyzerResourceOptions(protect=resource.protect, parent=resource.parent)


def _provider(resource: DeclaredResource, config: Mapping[str, str]) -> Any:
    if not resource.type.startswith("aws:"):
        return None
    settings = {
        name.removeprefix("aws:"): value
        for name, value in config.items()
        if name.startswith("aws:")
    }
    return analyzer_pb2.AnalyzerProviderResource(
        type="pulumi:providers:aws", name="default", properties=struct(settings)
    )


def _with_outputs(resource: DeclaredResource) -> DeclaredResource:
    """A resource with its computed outputs, which are unknown in a preview."""
    if not resource.type.startswith("aws:"):
        return resource
    computed = ("id", "arn", *COMPUTED_INPUTS.get(resource.type, ()))
    return replace(resource, inputs={**dict.fromkeys(computed, Unknown()), **resource.inputs})


def _properties(resource: DeclaredResource) -> struct_pb2.Struct:
    return struct(
        {
            name: {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}
            if name in resource.secret_inputs
            else value
            for name, value in resource.inputs.items()
        }
    )


def _encoded(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN_STRING_VALUE
    if isinstance(value, pulumi.FileArchive):
        return {SPECIAL_SIG_KEY: SPECIAL_ARCHIVE_SIG, "path": value.path, "assets": {}}
    if isinstance(value, pulumi.FileAsset):
        return {SPECIAL_SIG_KEY: SPECIAL_ASSET_SIG, "path": str(value.path)}
    inner: Any = value
    if isinstance(value, Mapping):
        return {name: _encoded(each) for name, each in inner.items()}
    if isinstance(value, list):
        return [_encoded(each) for each in inner]
    return value
