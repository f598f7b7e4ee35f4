"""The Pulumi program without the Pulumi CLI: `__main__.py` runs, its resources are handed over.

Pulumi's own Python SDK does the work (outputs, dependencies, secrets, components); only the engine
at the other end of its gRPC calls is replaced, by the monitor below.
"""

import asyncio
import contextvars
import json
import logging
import runpy
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from google.protobuf import empty_pb2
from pulumi.runtime import Settings, configure, rpc, set_all_config
from pulumi.runtime.mocks import MockEngine, MockMonitor, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from declared.caller_identity import CALL, caller_identity
from declared.computed_outputs import computed_outputs

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "goal-mandala"


@dataclass(frozen=True)
class DeclaredResource:
    """One resource as the program declares it.

    type: Pulumi's type token, such as `aws:dynamodb/table:Table`.
    inputs: by Pulumi's camelCase names; outputs of other resources are resolved, secrets are plain.
        In a preview, what is not known yet is a `pulumi.output.Unknown`.
    secret_inputs: the names of the inputs that are secret or hold one.
    dependencies: the URNs it waits for, whether by `depends_on` or by an input.
    property_dependencies: by input, the URNs of the resources whose outputs it is made of.
    """

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    secret_inputs: frozenset[str] = frozenset()
    dependencies: frozenset[str] = frozenset()
    property_dependencies: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    protect: bool = False
    retain_on_delete: bool = False


Provision = Callable[[DeclaredResource], tuple[str, dict[str, Any]]]
"""Creates one resource; answers its id and the outputs that its inputs do not tell."""


@dataclass(frozen=True)
class Program:
    """What a stack declares: resources, each after those it depends on; components; exports."""

    resources: tuple[DeclaredResource, ...]
    components: tuple[DeclaredResource, ...]
    exports: dict[str, Any]


def evaluate(
    stack: str,
    config: Mapping[str, str],
    *,
    provision: Provision | None = None,
    preview: bool = False,
    caller_account: str | None = None,
    folder: Path = ROOT,
    references: Mapping[str, Mapping[str, Any]] | None = None,
) -> Program:
    """Run a program for one stack; `config` is laid over `Pulumi.{stack}.yaml`.

    provision: called once a resource, one at a time, in dependency order, in another thread;
        without it outputs are made up. Its first error ends the evaluation and is raised.
    preview: leave what only AWS knows unknown, as `pulumi preview` does.
    caller_account: the account that the credentials belong to; by default the configured one.
    folder: where the program is, with its Pulumi.yaml and stack files; by default the workflow.
    references: what other stacks export, by the name that a StackReference has.
    """
    project = project_name(folder)
    given = {_qualified(key, project): value for key, value in config.items()}
    values = {**stack_config(stack, folder), **given}
    account = caller_account or values.get(f"{PROJECT}:accountId", "")
    if provision is None:
        region = values.get("aws:region", "")
        provision = _nothing_known if preview else computed_outputs(account, region)
    monitor = _Monitor(project, stack, account, provision, references or {})

    async def run() -> None:
        set_all_config(values)
        engine = MockEngine(logging.getLogger("pulumi"))
        configure(Settings(project, stack, monitor=monitor, engine=engine, dry_run=preview))
        await run_in_stack(lambda: _run(folder))

    try:
        # Pulumi keeps its state in context variables: an empty context is a fresh process to it.
        contextvars.Context().run(asyncio.run, run())
    except Exception:
        if monitor.failure:  # Pulumi may have met a consequence of it first
            raise monitor.failure from None
        raise
    return Program(tuple(monitor.declared), tuple(monitor.components), monitor.exports)


def project_name(folder: Path) -> str:
    """The name of a Pulumi program's project."""
    return cast("dict[str, str]", yaml.safe_load((folder / "Pulumi.yaml").read_text()))["name"]


def stack_config(stack: str, folder: Path = ROOT) -> dict[str, str]:
    """The configuration in `Pulumi.{stack}.yaml`, every value as the CLI would hand it over."""
    text = (folder / f"Pulumi.{stack}.yaml").read_text()
    entries = cast("dict[str, Any]", yaml.safe_load(text)).get("config", {})
    project = project_name(folder)
    return {_qualified(key, project): _as_cli_string(value) for key, value in entries.items()}


def _nothing_known(_resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
    return "", {}


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _as_cli_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _run(folder: Path) -> None:
    path = [*sys.path]
    try:
        runpy.run_path(str(folder / "__main__.py"), run_name="goal_mandala_program")
    finally:
        sys.path[:] = path


class _Monitor(MockMonitor):
    """Pulumi's resource monitor: the engine's half of the conversation with the program.

    The methods are the gRPC service's; the SDK calls them from worker threads.
    """

    def __init__(
        self,
        project: str,
        stack: str,
        account: str,
        provision: Provision,
        references: Mapping[str, Mapping[str, Any]],
    ) -> None:
        # No mocks: every call that would reach them is answered here.
        super().__init__(cast("Mocks", None))
        self.declared: list[DeclaredResource] = []
        self.components: list[DeclaredResource] = []
        self.exports: dict[str, Any] = {}
        self._project = project
        self._stack = stack
        self._exported = references
        self._account = account
        self._realise = provision
        self.failure: Exception | None = None
        self._one_at_a_time = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """A URN as the engine makes it: the types of all parents but the stack."""
        prefix, _, ancestry = parent.rpartition("::")[0].rpartition("::")
        if ancestry and ancestry != "pulumi:pulumi:Stack":
            return f"{prefix}::{ancestry}${type_}::{name}"
        return f"urn:pulumi:{self._stack}::{self._project}::{type_}::{name}"

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        if request.tok != CALL:
            raise NotImplementedError(f"the program calls {request.tok}: answer it in {__name__}")
        identity = caller_identity(self._account)
        return resource_pb2.ResourceInvokeResponse(**{"return": _serialised(dict(identity))})

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        if request.type != "pulumi:pulumi:StackReference":
            raise NotImplementedError(
                f"the program reads a {request.type}: answer it in {__name__}"
            )
        if request.id not in self._exported:
            raise LookupError(f"no stack named {request.id} found")  # the engine's words
        state: dict[str, Any] = {
            "name": request.id,
            "outputs": dict(self._exported[request.id]),
            "secretOutputNames": [],
        }
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=_serialised(state))

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        resource = _declared(urn, request)
        if not request.custom:
            self.components.append(resource)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        with self._one_at_a_time:
            if any(urn == declared.urn for declared in self.declared):
                raise ValueError(f"Duplicate resource URN {urn}: the engine refuses it too")
            if self.failure:
                raise RuntimeError(f"{resource.name} is not created: an earlier resource failed")
            try:
                resource_id, outputs = self._realise(resource)
            except Exception as error:
                self.failure = error
                raise
            self.declared.append(resource)
        state = _serialised({**resource.inputs, **outputs})
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource_id, object=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
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
    # The worker thread that calls has no event loop yet.
    return asyncio.run(rpc.serialize_properties(properties, {}))
