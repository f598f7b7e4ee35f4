"""The internals of pulumi-policy that the pack uses, and the versions that it was tried with.

Everything else comes from `pulumi_policy`'s public names. The names below can move in any release,
so a version that the pack was not tried with is refused.
"""

from importlib.metadata import version
from typing import Any

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
    "deserialize_properties",
    "require_tried_version",
    "serve_with",
    "unknown_checking_proxy",
]

AnalyzerServicer: Any = _policy._PolicyAnalyzerServicer  # pyright: ignore[reportPrivateUsage]
"""The gRPC service that `PolicyPack` creates and serves."""


def serve_with(servicer: Any) -> None:
    """Make `PolicyPack` serve another servicer.

    `PolicyPack` does not take it as an argument: it looks the name up in its module.
    """
    library: Any = _policy
    library._PolicyAnalyzerServicer = servicer
