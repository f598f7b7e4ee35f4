"""The pack's server in this process, for the many mutants of a stack that differ in one resource.

It answers with the same code as the pack's own process (`tests/policies/test_pack.py` asks that),
but reads a resource once, although it is sent again with each mutant.
"""

import os
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, PolicyResource

from checks.pack.analyzer import Analyzer
from declared.program import PROJECT
from policies.pack import NAME, policies
from policies.rules import levels
from policies.server import Servicer
from policies.stack import unknown_inputs
from tests.policies.survivors.judge import environment

_Configuration = tuple[str, frozenset[tuple[str, str]], frozenset[str]]
"""A stack, its settings, and the keys of those that are secrets."""


class _InProcess(Servicer):
    def __init__(self) -> None:
        arguments: Any = (NAME, "0.0.0", policies(), EnforcementLevel.MANDATORY)
        Servicer.__init__(self, *arguments)  # pyright: ignore[reportUnknownMemberType]
        self._read: dict[bytes, PolicyResource] = {}

    def _resource(self, each: Any) -> PolicyResource:
        sent: bytes = each.SerializeToString(deterministic=True)
        if sent not in self._read:
            self._read[sent] = super()._resource(each)
        # the server fills in parent and dependencies
        return _unconnected(self._read[sent])


def _unconnected(read: PolicyResource) -> PolicyResource:
    """The resource as it was read, before the server connects it with others."""
    first = (read.resource_type, read.props, read.urn, read.name, read.opts, read.provider)
    return PolicyResource(*first, parent=None, dependencies=[], property_dependencies={})


class _Stub:
    """Calls the server as a stub of gRPC does: with a request alone."""

    def __init__(self, server: _InProcess) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return partial(_call, getattr(self._server, name), self)

    def add_callback(self, _callback: object) -> None:
        """As the context of a call: there is nothing to warm up."""


def _call(method: Callable[[Any, Any], Any], context: _Stub, request: Any) -> Any:
    return method(request, context)


class PackInProcess:
    """The pack in this process, for one configuration after another."""

    def __init__(self) -> None:
        self._stub: Any = _Stub(_InProcess())
        self._packs: dict[_Configuration, Analyzer] = {}

    @contextmanager
    def configured(
        self, stack: str, config: Mapping[str, str], secret_keys: Collection[str]
    ) -> Generator[Analyzer]:
        """The pack with a stack's configuration, which the engine gives it when it starts it."""
        request = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=stack,
            project=PROJECT,
            dry_run=True,
            config=config,
            config_secret_keys=sorted(secret_keys),
        )
        key = (stack, frozenset(config.items()), frozenset(secret_keys))
        with patch.dict(os.environ, environment(stack, config, secret_keys)):
            self._stub.ConfigureStack(request)
            try:
                yield self._packs.setdefault(key, Analyzer(self._stub, config))
            finally:  # other tests in this process ask the policies themselves
                levels.problems.clear()
                unknown_inputs.found.clear()
