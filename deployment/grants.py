"""What CI's two roles may do: the actions of `actions.json`, each in its scope.

Two documents: what both roles read is a managed policy of at most 6,144 characters, what only the
deploy role does is its inline policy of at most 10,240 (IAM User Guide: IAM and AWS STS quotas).

`python -m checks.ci_roles` computes the file from what AWS's provider calls for the operations on
all that the stacks declare (localcloud/provision/facts); a test keeps the two equal.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from components.iam.documents import Statement, allow
from components.names import Names
from deployment.scopes import Scope, scopes

ACTIONS = Path(__file__).parent / "actions.json"


def preview(names: Names, domain: str | None = None) -> list[Statement]:
    """Read everything, for previews and for drift: a managed policy, which both roles have."""
    return statements(_granted("preview"), scopes(names, domain, reading=True))


def changes(names: Names, domain: str | None = None) -> list[Statement]:
    """What the deploy role does beyond reading: its inline policy."""
    return statements(_granted("deploy"), scopes(names, domain))


def deploy(names: Names, domain: str | None = None) -> list[Statement]:
    """Create, change, delete and read everything: both policies of the deploy role."""
    return [*changes(names, domain), *preview(names, domain)]


def _granted(role: str) -> dict[str, list[str]]:
    return json.loads(ACTIONS.read_text())[role]


def statements(
    granted: Mapping[str, Sequence[str]], places: Mapping[str, Scope]
) -> list[Statement]:
    """The actions of each scope as a policy's statements.

    granted: by the names of scopes, as in `actions.json`.
    """
    found = [
        allow(granted[name], scope.resources, **scope.conditions)
        for name, scope in places.items()
        if name in granted
    ]
    return list(_joined(found))


def _joined(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The same grants in fewer characters, which IAM limits.

    Statements with the same conditions are one, if no service is in both: then no action meets a
    resource that it did not have. Those of IAM and Lambda, except tags, stay alone, because
    the pack judges whether all their resources are the stack's; so do those on everything.
    """
    found: dict[str, list[Statement]] = {}
    for each in statements:
        same = found.setdefault(json.dumps(each.get("Condition")), [])
        partner = next((other for other in same if _may_join(other, each)), None)
        if partner is None:
            same.append({**each})
        else:
            partner["Action"] = [*partner["Action"], *each["Action"]]
            partner["Resource"] = [*partner["Resource"], *each["Resource"]]
    for same in found.values():
        yield from same


def _may_join(one: Statement, other: Statement) -> bool:
    is_on_everything = "*" in (*one["Resource"], *other["Resource"])
    alone = _is_judged_by_resources(one) or _is_judged_by_resources(other)
    return not is_on_everything and not alone and not _services(one) & _services(other)


def _is_judged_by_resources(statement: Statement) -> bool:
    return any(
        action.startswith("iam:") or (action.startswith("lambda:") and "Tag" not in action)
        for action in statement["Action"]
    )


def _services(statement: Statement) -> set[str]:
    return {action.partition(":")[0] for action in statement["Action"]}
