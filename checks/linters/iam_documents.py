"""parliament: a linter of IAM documents."""

import importlib.util
import json
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from checks.linters.findings import Finding
from declared.resources import DeclaredResource

LINTER = "parliament"

_DOCUMENTS = ("assumeRolePolicy", "policy")


def findings(resources: Iterable[DeclaredResource]) -> Iterator[Finding]:
    """Its findings in every document of the resources."""
    parliament = _parliament()
    for resource in resources:
        for name in _DOCUMENTS:
            document = resource.inputs.get(name)
            if not isinstance(document, str) or not resource.type.startswith("aws:"):
                continue
            policy = parliament.analyze_policy_string(
                document, ignore_private_auditors=True, include_community_auditors=True
            )
            for found in policy.findings:
                yield Finding(
                    LINTER,
                    found.issue,
                    resource.type,
                    resource.name,
                    name,
                    _text(found.detail or found.location.get("actions") or found.location),
                )


def _text(detail: Any) -> str:
    return detail if isinstance(detail, str) else json.dumps(detail, default=str)


def _parliament() -> Any:
    """The package. It asks pkg_resources, which setuptools 82 has not, for the path of its data."""
    if "parliament" not in sys.modules:
        pkg_resources = ModuleType("pkg_resources")
        pkg_resources.__dict__["resource_filename"] = _resource_filename
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it does not close its files
            sys.modules["pkg_resources"] = pkg_resources
            try:
                import parliament  # pyright: ignore  # noqa: PLC0415, F401
            finally:
                del sys.modules["pkg_resources"]
    return sys.modules["parliament"]


def _resource_filename(package: str, name: str) -> str:
    found = importlib.util.find_spec(package)
    return str(Path(str(found and found.origin)).parent / name)
