"""The AWS provider of an embedded cloud: the plugin that Pulumi's engine starts.

It refuses what AWS's provider refuses before any call, and replaces what that replaces, in the same
order (`localcloud.provision.facts`). It uses the same provisioners and the same comparison as
`make local`.
"""

# gRPC determines the methods' names and arguments.
# ruff: noqa: ARG002, D102, N802

import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)

from declared.provider_functions import answer
from localcloud.errors import LocalCloudError
from localcloud.provision.checked import completed, default_tags
from localcloud.provision.facts import (
    DEFAULTS,
    TypeFacts,
    change,
    facts_of,
    filled_in_by_aws,
    renewed,
    undescribed,
)
from localcloud.provision.target import ProviderTarget, target_of_this_process
from localcloud.provision.wire import as_remembered, plain, secrets, state_of, struct

if TYPE_CHECKING:
    from declared.resources import DeclaredResource
    from localcloud.provision.deployment import Deployment

_WHERE = "write it in localcloud/provision/facts/types"
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The service `ResourceProvider`; the engine calls it from several threads."""

    def __init__(self, target: ProviderTarget) -> None:
        self._target = target
        self._one_at_a_time = threading.Lock()
        self._engine = ""
        self._default_tags: dict[str, str] = {}

    @cached_property
    def _deployment(self) -> "Deployment":
        # a preview creates nothing, so it need not load boto3
        from localcloud.aws.clients import ROOT, Credentials  # noqa: PLC0415
        from localcloud.provision.deployment import Deployment  # noqa: PLC0415
        from localcloud.provision.local_function import LocalRuntime  # noqa: PLC0415
        from localcloud.provision.provisioner import Clients  # noqa: PLC0415

        target = self._target
        if not target.endpoint:
            raise ValueError("without a cloud only a preview is possible")
        packages = Path(target.packages)
        runtime = LocalRuntime(target.endpoint, target.model_endpoint, packages)
        credentials = Credentials(*target.credentials) if target.credentials else ROOT
        clients = Clients(target.endpoint, credentials)
        return Deployment(clients, runtime, target.patience_seconds)

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine = request.engine_address
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=version("pulumi_aws"))

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        diff, same = provider_pb2.DiffResponse, request.old_inputs == request.news
        return diff(changes=diff.DIFF_NONE if same else diff.DIFF_SOME)

    def Configure(self, request: Any, context: Any) -> Any:
        self._default_tags = default_tags(plain(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        found: Any = {"return": struct(answer(request.tok, self._target.account))}
        return provider_pb2.InvokeResponse(**found)

    def Check(self, request: Any, context: Any) -> Any:
        facts = facts_of(request.type)
        if facts is None:  # nor is there a provisioner, which creating it will say
            return provider_pb2.CheckResponse(inputs=request.news)
        inputs, reasons = completed(facts, request, self._default_tags)
        for path in undescribed(facts, plain(inputs)):
            self._warn(request.urn, f"{path}: nothing is known of this property: {_WHERE}")
        failures = [provider_pb2.CheckFailure(reason=reason) for reason in reasons]
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        facts = _known(request.type)
        found = change(facts, plain(request.old_inputs), plain(request.news))
        for name, reason in found.perpetual.items():
            self._warn(request.urn, f"{name} differs at every update: {reason}")
        diff = provider_pb2.DiffResponse
        return diff(
            changes=diff.DIFF_SOME if found.changed else diff.DIFF_NONE,
            diffs=found.changed,
            replaces=found.replacing,
            deleteBeforeReplace=found.delete_first,
        )

    def Create(self, request: Any, context: Any) -> Any:
        if request.preview:
            facts = facts_of(request.type)
            filled_in = filled_in_by_aws(facts, plain(request.properties)) if facts else []
            state = state_of(request.properties, ("arn", *filled_in))
            return provider_pb2.CreateResponse(properties=state)
        resource = _declared(request, request.properties)
        with self._one_at_a_time, _errors_reported(context):
            resource_id, outputs = self._deployment(resource)
        state = state_of(request.properties, outputs=outputs)
        return provider_pb2.CreateResponse(id=resource_id, properties=state)

    def Update(self, request: Any, context: Any) -> Any:
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_updated(request))
        resource = _declared(request, request.news)
        old = _declared(request, as_remembered(request.old_inputs, request.news)).inputs
        with self._one_at_a_time, _errors_reported(context):
            outputs = self._deployment.update(resource, request.id, old)
        return provider_pb2.UpdateResponse(properties=state_of(request.news, outputs=outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        with self._one_at_a_time, _errors_reported(context):
            self._deployment.delete(
                _declared(request, as_remembered(request.old_inputs)), request.id
            )
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def _warn(self, urn: str, message: str) -> None:
        """Show a warning at the resource."""
        if not self._engine:
            return
        with grpc.insecure_channel(self._engine) as channel:
            engine: Any = engine_pb2_grpc.EngineStub(channel)
            engine.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn))


@contextmanager
def _errors_reported(context: Any) -> Generator[None]:
    """Report an error to the engine without a stack trace."""
    try:
        yield
    except LocalCloudError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _known(type_: str) -> TypeFacts:
    facts = facts_of(type_)
    if facts is None:
        raise LookupError(f"nothing is known of {type_}: {_WHERE}")
    return facts


def _updated(request: Any) -> struct_pb2.Struct:
    """The state as far as a preview knows it: outputs stay, but for those that an update renews."""
    facts, old, new = _known(request.type), plain(request.old_inputs), plain(request.news)
    state = state_of(request.news, renewed(facts, change(facts, old, new).changed, new))
    outputs = request.olds.fields.keys() - request.old_inputs.fields.keys()
    for name in outputs - state.fields.keys():
        state.fields[name].CopyFrom(request.olds.fields[name])
    return state


def _declared(request: Any, properties: struct_pb2.Struct) -> "DeclaredResource":
    from declared.resources import DeclaredResource  # noqa: PLC0415 - as above

    inputs: dict[str, Any] = rpc.deserialize_properties(properties)
    given = {
        name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items() if name != DEFAULTS
    }
    if tags := given.pop("tagsAll", None):
        given["tags"] = tags
    hidden = secrets(properties)
    return DeclaredResource(request.type, request.name, request.urn, "", given, hidden)


def serve(provider: AwsProvider) -> None:
    """Serve until the engine ends this process; prints the port, as the engine expects."""
    server: Any = grpc.server(ThreadPoolExecutor(max_workers=8), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(AwsProvider(target_of_this_process()))
