"""Writes docs/deployments.md: what each change of a stack's configuration does to its resources.

python -m tests.deployments.document
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from declared.program import ROOT, evaluate
from declared.resources import DeclaredResource
from tests.deployments.changes import STACKS, configuration, setting_changes
from tests.deployments.operations import ResourceOperation, operations

DOCUMENT = ROOT / "docs" / "deployments.md"

_SHOWN = 4
"""So many names of updated resources stand in a row, then their number."""

_HEAD = """# What a deployment does

Each row is one change of a setting, from a stack with every option (VPC, provisioned capacity,
custom domain, e-mail, boundary): what `pulumi up` then does, computed from two evaluations of the
program and the provider's facts. The real engine confirms some rows
(`tests/engine/test_deployments.py`). `python -m tests.deployments.document` writes this file.

*refused*: the resource is protected, and Pulumi stops before it changes anything. A first
deployment creates all resources, a second one changes none, an interrupted one is completed by the
next, and a renamed stack is refused ([deployment.md](deployment.md#what-a-stack-lives-through)).
"""


@cache
def resources(stack: str) -> tuple[DeclaredResource, ...]:
    """What a stack with every option declares."""
    return evaluate(stack, configuration()).resources


def rows(stack: str) -> Iterator[tuple[str, list[ResourceOperation]]]:
    """Each change of a value, and its operations."""
    for change in setting_changes(each_value=True):
        new = evaluate(stack, configuration(change.values)).resources
        yield change.name, operations(resources(stack), new)


def document() -> str:
    """The text of the document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for stack in STACKS:
        yield f"## {stack}"
        yield ""
        yield f"The first deployment creates {_types(resources(stack))}."
        yield ""
        yield "| setting | creates | updates | replaces | deletes | refused |"
        yield "|---|---|---|---|---|---|"
        for name, found in rows(stack):
            cells = [
                _names([each.name for each in found if each.operation == operation])
                for operation in ("create", "update", "replace", "delete", "refuse")
            ]
            yield f"| `{name}` | {' | '.join(cells)} |"
        yield ""


def _names(names: Sequence[str]) -> str:
    if len(names) <= _SHOWN:
        return ", ".join(f"`{name}`" for name in sorted(names)) or "-"
    return f"{len(names)} resources, such as `{min(names)}`"


def _types(declared: Iterable[DeclaredResource]) -> str:
    counts = Counter(each.type.rpartition(":")[2] for each in declared)
    total = sum(counts.values())
    return f"{total} resources: " + ", ".join(f"{n} {t}" for t, n in sorted(counts.items()))


if __name__ == "__main__":
    DOCUMENT.write_text(document())
