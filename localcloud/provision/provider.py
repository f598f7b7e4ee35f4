"""The AWS provider of an embedded cloud: the plugin that Pulumi's engine starts.

It uses the same provisioners and the same comparison as `make local`. It does not check inputs as
the real AWS provider does, which is not available offline.
"""

# gRPC determines the methods' names and arguments.
# ruff: noqa: ARG002, D102, N802

import asyncio
import sys
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from declared.computed_outputs import COMPUTED_INPUTS
from declared.provider_functions import answer
from localcloud.errors import LocalCloudError
from localcloud.provision.target import ProviderTarget, target_of_this_process

if TYPE_CHECKING:
    from declared.resources import DeclaredResource
    from localcloud.provision.deployment import Deployment

_SIGNATURE: Any = rpc._special_sig_key  # pyright: ignore[reportPrivateUsage]
_ARCHIVE: Any = rpc._special_archive_sig  # pyright: ignore[reportPrivateUsage]
_HASH = "hash"
_UNKNOWN = struct_pb2.Value(string_value=rpc.UNKNOWN)
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The service `ResourceProvider`; the engine calls it from several threads."""

    def __init__(self, target: ProviderTarget) -> None:
        self._target = target
        self._one_at_a_time = threading.Lock()

    @cached_property
    def _deployment(self) -> "Deployment":
        # a preview creates nothing, so it need not load boto3
        from localcloud.provision.deployment import Deployment  # noqa: PLC0415
        from localcloud.provision.local_function import LocalRuntime  # noqa: PLC0415
        from localcloud.provision.provisioner import Clients  # noqa: PLC0415

        target = self._target
        if not target.endpoint:
            raise ValueError("without a cloud only a preview is possible")
        packages = Path(target.packages)
        runtime = LocalRuntime(target.endpoint, target.model_endpoint, packages)
        return Deployment(Clients(target.endpoint), runtime)

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=version("pulumi_aws"))

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        found: Any = {"return": _struct(answer(request.tok, self._target.account))}
        return provider_pb2.InvokeResponse(**found)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        from localcloud.provision.table import PROVISIONERS  # noqa: PLC0415 - as above

        old, new = request.old_inputs.fields, request.news.fields
        changed = sorted(name for name in {*old, *new} if _differs(name, old, new))
        provisioner = PROVISIONERS.get(request.type)
        in_place = provisioner is not None and provisioner.update is not None
        always = provisioner.replace_on if provisioner and in_place else changed
        replacing = [name for name in changed if name in always]
        diff = provider_pb2.DiffResponse
        return diff(
            changes=diff.DIFF_SOME if changed else diff.DIFF_NONE,
            diffs=changed,
            replaces=replacing,
            # physical names are fixed, so the old resource must go first
            deleteBeforeReplace=bool(replacing),
        )

    def Create(self, request: Any, context: Any) -> Any:
        if request.preview:
            unknown = ("arn", *COMPUTED_INPUTS.get(request.type, ()))
            return provider_pb2.CreateResponse(properties=_state(request.properties, unknown))
        resource = _declared(request, request.properties)
        with self._one_at_a_time, _errors_reported(context):
            resource_id, outputs = self._deployment(resource)
        state = _state(request.properties, outputs=outputs)
        return provider_pb2.CreateResponse(id=resource_id, properties=state)

    def Update(self, request: Any, context: Any) -> Any:
        if request.preview:
            from localcloud.provision.table import PROVISIONERS  # noqa: PLC0415 - as above

            outputs = request.olds.fields.keys() - request.old_inputs.fields.keys()
            state = _state(request.news, PROVISIONERS[request.type].changed_outputs)
            for name in outputs - state.fields.keys():
                state.fields[name].CopyFrom(request.olds.fields[name])
            return provider_pb2.UpdateResponse(properties=state)
        resource = _declared(request, request.news)
        old = _declared(request, _with_archives(request.old_inputs, request.news)).inputs
        with self._one_at_a_time, _errors_reported(context):
            outputs = self._deployment.update(resource, request.id, old)
        return provider_pb2.UpdateResponse(properties=_state(request.news, outputs=outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        with self._one_at_a_time, _errors_reported(context):
            self._deployment.delete(
                _declared(request, _with_archives(request.old_inputs)), request.id
            )
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


@contextmanager
def _errors_reported(context: Any) -> Generator[None]:
    """Report an error to the engine without a stack trace."""
    try:
        yield
    except LocalCloudError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _declared(request: Any, properties: struct_pb2.Struct) -> "DeclaredResource":
    from declared.program import DeclaredResource  # noqa: PLC0415 - as above

    inputs: dict[str, Any] = rpc.deserialize_properties(properties)
    secret = frozenset(name for name, value in inputs.items() if rpc.is_rpc_secret(value))
    plain = {name: rpc.unwrap_rpc_secret(value) for name, value in inputs.items()}
    return DeclaredResource(request.type, request.name, request.urn, "", plain, secret)


def _differs(name: str, old: Any, new: Any) -> bool:
    if name not in old or name not in new:
        return True
    if _is_archive(old[name]) and _is_archive(new[name]):
        return old[name].struct_value[_HASH] != new[name].struct_value[_HASH]
    return old[name] != new[name]


def _with_archives(
    old: struct_pb2.Struct, new: struct_pb2.Struct | None = None
) -> struct_pb2.Struct:
    """Inputs from the state, where an archive has only its hash.

    An unchanged archive is taken from the new inputs; any other is left out.
    """
    state = struct_pb2.Struct()
    state.CopyFrom(old)
    for name in [name for name, value in old.fields.items() if _is_archive(value)]:
        if new is not None and not _differs(name, old.fields, new.fields):
            state.fields[name].CopyFrom(new.fields[name])
        else:
            del state.fields[name]
    return state


def _is_archive(value: struct_pb2.Value) -> bool:
    return _SIGNATURE in value.struct_value and value.struct_value[_SIGNATURE] == _ARCHIVE


def _state(
    inputs: struct_pb2.Struct, unknown: Iterable[str] = (), outputs: dict[str, Any] | None = None
) -> struct_pb2.Struct:
    """A state: the inputs, secrets included, with outputs, or with outputs as unknown values."""
    state = struct_pb2.Struct()
    state.CopyFrom(inputs)
    for name in unknown:
        if name not in state.fields:
            state.fields[name].CopyFrom(_UNKNOWN)
    if outputs:
        state.MergeFrom(_struct(outputs))
    return state


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return asyncio.run(rpc.serialize_properties(values, {}))


def main() -> None:
    """Serve until the engine ends this process; prints the port, as the engine expects."""
    server: Any = grpc.server(ThreadPoolExecutor(max_workers=8), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        AwsProvider(target_of_this_process()), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
