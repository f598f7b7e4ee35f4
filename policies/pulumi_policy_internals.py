"""The internals of pulumi-policy that the pack uses, and the versions that it was tried with.

Everything else comes from `pulumi_policy`'s public names. The names below can move in any release,
so a version that the pack was not tried with is refused.
"""

from importlib.metadata import version
from typing import Any, cast

TRIED_VERSIONS = frozenset({"1.21.0"})


class UntriedVersionError(ImportError):
    """The installed pulumi-policy is none of TRIED_VERSIONS."""


def require_tried_version() -> None:
    """Raise UntriedVersionError if the pack was not tried with the installed pulumi-policy."""
    installed = version("pulumi-policy")
    if installed not in TRIED_VERSIONS:
        tried = ", ".join(sorted(TRIED_VERSIONS))
        raise UntriedVersionError(
            f"pulumi-policy {installed} is installed, the policy pack uses internals of {tried}:"
            f" install requirements/policies.txt, or run tests/policies and tests/engine with"
            f" {installed} and add it to TRIED_VERSIONS in {__name__}"
        )


require_tried_version()

from pulumi_policy import policy as _policy  # noqa: E402
from pulumi_policy.deserialize import (  # noqa: E402
    SPECIAL_ARCHIVE_SIG,
    SPECIAL_ASSET_SIG,
    SPECIAL_SECRET_SIG,
    SPECIAL_SIG_KEY,
    deserialize_properties,
)
from pulumi_policy.proxy import (  # noqa: E402
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
    unknown_checking_proxy,
)

__all__ = [
    "SPECIAL_ARCHIVE_SIG",
    "SPECIAL_ASSET_SIG",
    "SPECIAL_SECRET_SIG",
    "SPECIAL_SIG_KEY",
    "TRIED_VERSIONS",
    "UNKNOWN_STRING_VALUE",
    "AnalyzerServicer",
    "UnknownValueError",
    "UntriedVersionError",
    "deserialize",
    "require_tried_version",
    "serve_with",
    "unknown_checking_proxy",
]

AnalyzerServicer: Any = _policy._PolicyAnalyzerServicer  # pyright: ignore[reportPrivateUsage]
"""The gRPC service that `PolicyPack` creates and serves."""


def deserialize(properties: dict[str, Any]) -> Any:
    """A resource's properties as plain values, assets and archives."""
    return deserialize_properties(_without_empty_assets(properties))


def _without_empty_assets(value: Any) -> Any:
    """The engine sends an archive's path beside empty assets, pulumi-policy reads these alone."""
    if isinstance(value, list):
        return [_without_empty_assets(each) for each in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    found = cast(dict[str, Any], value)
    is_archive = found.get(SPECIAL_SIG_KEY) == SPECIAL_ARCHIVE_SIG
    return {
        name: _without_empty_assets(each)
        for name, each in found.items()
        if not (is_archive and name == "assets" and not each)
    }


def serve_with(servicer: Any) -> None:
    """Make `PolicyPack` serve another servicer.

    `PolicyPack` does not take it as an argument: it looks the name up in its module.
    """
    library: Any = _policy
    library._PolicyAnalyzerServicer = servicer
