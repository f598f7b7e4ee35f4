"""The pack's server: pulumi-policy's own with two amendments.

- pulumi-policy drops the configuration that the engine sends in ConfigureStack, the only call that
  marks secret keys. Here it is kept.
- pulumi-policy parses a request again for each policy: with 60 policies, three fifths of the time.
  Here a request is parsed once.
"""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

from policies.pack import NAME, policies
from policies.pulumi_policy_internals import (
    AnalyzerServicer,
    deserialize_properties,
    replace_in_library,
    unknown_checking_proxy,
)


def serve() -> None:
    """Serve the pack to the engine that started this process, until the engine ends it."""
    replace_in_library(
        servicer=_Servicer,
        message_to_dict=_message_to_dict,
        deserialize_properties=_deserialize_properties,
        unknown_checking_proxy=_unknown_checking_proxy,
    )
    PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies())


class _OncePerObject(threading.local):
    """A function whose result for an object is kept until `clear`.

    It also keeps the object, so that no new one can get its identity. Each thread has results of
    its own, since the engine sends several requests at once.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._results: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any, *options: Any) -> Any:
        if options:
            return self._function(value, *options)
        kept = self._results.get(id(value))
        if kept is None:
            kept = self._results[id(value)] = (value, self._function(value))
        return kept[1]

    def clear(self) -> None:
        """Drop all results."""
        self._results.clear()


_message_to_dict = _OncePerObject(json_format.MessageToDict)
_deserialize_properties = _OncePerObject(deserialize_properties)
_unknown_checking_proxy = _OncePerObject(unknown_checking_proxy)


_REMEDIATIONS = tuple(
    each
    for each in policies()
    if isinstance(each, ResourceValidationPolicy) and each.has_remediation()
)


class _Servicer(AnalyzerServicer):
    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        # the variables from which `pulumi.runtime` reads the configuration
        os.environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.config_secret_keys))
        return AnalyzerServicer.ConfigureStack(self, request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            return AnalyzerServicer.Analyze(self, request, context)
        finally:
            _clear()

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802
        # The engine calls it for each resource before Analyze, most often for nothing.
        levels = [self._get_enforcement_level(each) for each in _REMEDIATIONS]
        if EnforcementLevel.REMEDIATE not in levels:
            return analyzer_pb2.RemediateResponse()
        try:
            return AnalyzerServicer.Remediate(self, request, context)
        finally:
            _clear()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            return AnalyzerServicer.AnalyzeStack(self, request, context)
        finally:
            _clear()


def _clear() -> None:
    for function in (_message_to_dict, _deserialize_properties, _unknown_checking_proxy):
        function.clear()
