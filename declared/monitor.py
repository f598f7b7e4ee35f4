"""Pulumi's resource monitor, the service of the engine that a program calls."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import resource_pb2

from declared.provider_functions import answer
from declared.resources import DeclaredResource, Provision


class ResourceMonitor(MockMonitor):
    """Answers the program's calls as the engine does, and collects what they declare.

    The methods are those of Pulumi's ResourceMonitor service; the SDK calls them from its threads.
    failure: the first error of `provision`.
    """

    def __init__(
        self,
        project: str,
        stack: str,
        account: str,
        provision: Provision,
        references: Mapping[str, Mapping[str, Any]],
    ) -> None:
        # No mocks: every call that the base class passes to them is answered here.
        super().__init__(cast("Mocks", None))
        self.declared: list[DeclaredResource] = []
        self.components: list[DeclaredResource] = []
        self.exports: dict[str, Any] = {}
        self._project = project
        self._stack = stack
        self._references = references
        self._account = account
        self._provision = provision
        self.failure: Exception | None = None
        self._one_at_a_time = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """A URN as the engine forms it, with the types of all parents but the stack."""
        prefix, _, ancestry = parent.rpartition("::")[0].rpartition("::")
        if ancestry and ancestry != "pulumi:pulumi:Stack":
            return f"{prefix}::{ancestry}${type_}::{name}"
        return f"urn:pulumi:{self._stack}::{self._project}::{type_}::{name}"

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """A function of a provider."""
        found = answer(request.tok, self._account)
        return resource_pb2.ResourceInvokeResponse(**{"return": _serialised(found)})

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """A StackReference."""
        if request.type != "pulumi:pulumi:StackReference":
            raise NotImplementedError(
                f"the program reads a {request.type}: implement it in {__name__}"
            )
        if request.id not in self._references:
            raise LookupError(f"no stack named {request.id} found")  # the engine's message
        state: dict[str, Any] = {
            "name": request.id,
            "outputs": dict(self._references[request.id]),
            "secretOutputNames": [],
        }
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=_serialised(state))

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """The stack, a component or a resource."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        resource = _declared(urn, request)
        if not request.custom:
            self.components.append(resource)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        with self._one_at_a_time:
            # As the engine does it; `protect` is inherited in the SDK already.
            parents = (each for each in self.declared if each.urn == resource.parent)
            if any(each.retain_on_delete for each in parents):
                resource = replace(resource, retain_on_delete=True)
            if any(urn == declared.urn for declared in self.declared):
                raise ValueError(f"Duplicate resource URN {urn}, which the engine refuses")
            if self.failure:
                raise RuntimeError(f"{resource.name} is not created: an earlier resource failed")
            try:
                resource_id, outputs = self._provision(resource)
            except Exception as error:
                self.failure = error
                raise
            self.declared.append(resource)
        state = _serialised({**resource.inputs, **outputs})
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource_id, object=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """A component's outputs, or the stack's exports."""
        if "pulumi:pulumi:Stack::" in request.urn:
            self.exports = _plain(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()


def _declared(urn: str, request: Any) -> DeclaredResource:
    inputs = rpc.deserialize_properties(request.object)
    return DeclaredResource(
        type=request.type,
        name=request.name,
        urn=urn,
        parent=request.parent,
        inputs=_plain(inputs),
        secret_inputs=frozenset(name for name, value in inputs.items() if rpc.is_rpc_secret(value)),
        dependencies=frozenset(request.dependencies),
        property_dependencies={
            name: frozenset(sources.urns) for name, sources in request.propertyDependencies.items()
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
    )


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: rpc.unwrap_rpc_secret(value) for name, value in properties.items()}


def _serialised(properties: dict[str, Any]) -> Any:
    # The SDK's thread that calls has no event loop.
    return asyncio.run(rpc.serialize_properties(properties, {}))
