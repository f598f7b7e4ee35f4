"""The pack's server: pulumi-policy's own, with what it lacks.

It forgets the configuration that an engine tells it (engines say in that call alone which keys are
secret), and it parses a request anew for each policy: with 56 of them, three fifths of its time.
"""

import json
import os
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, PolicyPack, policy

from policies.pack import NAME, policies

_library: Any = policy


def serve() -> None:
    """Serve the pack to the engine that has started this process, until it ends it."""
    _library._PolicyAnalyzerServicer = _Servicer
    _library.json_format = SimpleNamespace(MessageToDict=_parsed)
    _library.deserialize_properties = _deserialized
    _library.unknown_checking_proxy = _checking
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies())


class _OnceEach(threading.local):
    """A function that is asked once for each object alone, until it is told to forget them.

    An object that is remembered is kept alive, so that no other can have its identity. Each thread
    has its own, as an engine asks about several resources at once.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._answers: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any, *how: Any) -> Any:
        if how:
            return self._function(value, *how)
        found = self._answers.get(id(value))
        if found is None:
            found = self._answers[id(value)] = (value, self._function(value))
        return found[1]

    def forget(self) -> None:
        """Let the objects go."""
        self._answers.clear()


_parsed = _OnceEach(_library.json_format.MessageToDict)
_deserialized = _OnceEach(_library.deserialize_properties)
_checking = _OnceEach(_library.unknown_checking_proxy)


class _Servicer(policy._PolicyAnalyzerServicer):  # pyright: ignore[reportPrivateUsage]
    @property
    def _library(self) -> Any:
        return super()

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        # where `pulumi.runtime` looks for it
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.config_secret_keys))
        return self._library.ConfigureStack(request, context)

    def Analyze(self, request: Any, _context: Any) -> Any:  # noqa: N802
        try:
            return self._library.Analyze(request, _context)
        finally:
            _forget()

    def Remediate(self, request: Any, _context: Any) -> Any:  # noqa: ARG002, N802
        # asked of each resource before Analyze; no policy of ours changes one
        return analyzer_pb2.RemediateResponse()

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:  # noqa: N802
        try:
            return self._library.AnalyzeStack(request, _context)
        finally:
            _forget()


def _forget() -> None:
    for function in (_parsed, _deserialized, _checking):
        function.forget()
