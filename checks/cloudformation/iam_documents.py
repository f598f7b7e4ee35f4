"""parliament: a linter of IAM's documents."""

import importlib.util
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from checks.cloudformation.finding import Finding
from declared.program import DeclaredResource

JUDGE = "parliament"

_DOCUMENTS = ("assumeRolePolicy", "policy")


def findings(resources: Iterable[DeclaredResource]) -> Iterator[Finding]:
    """What it says of every document, whoever holds it."""
    linter = _parliament()
    for resource in resources:
        for name in _DOCUMENTS:
            document = resource.inputs.get(name)
            if not isinstance(document, str) or not resource.type.startswith("aws:"):
                continue
            policy = linter.analyze_policy_string(
                document, ignore_private_auditors=True, include_community_auditors=True
            )
            for found in policy.findings:
                yield Finding(
                    JUDGE,
                    found.issue,
                    resource.type,
                    resource.name,
                    name,
                    _text(found.detail or found.location.get("actions") or found.location),
                )


def _text(detail: Any) -> str:
    return detail if isinstance(detail, str) else json.dumps(detail, default=str)


def _parliament() -> Any:
    """The package, which asks setuptools' pkg_resources (gone since 82) where its data lies."""
    if "parliament" not in sys.modules:
        asked = ModuleType("pkg_resources")
        asked.__dict__["resource_filename"] = _resource_filename
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves its files to the collector
            sys.modules["pkg_resources"] = asked
            try:
                import parliament  # pyright: ignore  # noqa: PLC0415, F401
            finally:
                del sys.modules["pkg_resources"]
    return sys.modules["parliament"]


def _resource_filename(package: str, name: str) -> str:
    found = importlib.util.find_spec(package)
    return str(Path(str(found and found.origin)).parent / name)
