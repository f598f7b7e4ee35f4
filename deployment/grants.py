"""What CI's two roles may do: the actions of `actions.json`, each in its scope.

`python -m checks.ci_roles` computes the file from what AWS's provider calls for the operations on
all that the stacks declare (localcloud/provision/facts); a test keeps the two equal.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from components.iam.documents import Statement, allow
from components.names import Names
from deployment.scopes import Scope, scopes

ACTIONS = Path(__file__).parent / "actions.json"


def preview(names: Names, domain: str | None = None) -> list[Statement]:
    """Read everything, for previews and for drift."""
    return _statements("preview", scopes(names, domain, reading=True))


def deploy(names: Names, domain: str | None = None) -> list[Statement]:
    """Create, change, delete and read everything."""
    return _statements("deploy", scopes(names, domain))


def _statements(role: str, places: Mapping[str, Scope]) -> list[Statement]:
    granted: dict[str, list[str]] = json.loads(ACTIONS.read_text())[role]
    return [
        allow(granted[name], scope.resources, **scope.conditions)
        for name, scope in places.items()
        if name in granted
    ]
