"""The pack's results as SARIF 2.1.0, which GitHub shows in a pull request.

(OASIS: Static Analysis Results Interchange Format 2.1.0; GitHub: SARIF support for code scanning)
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from pulumi_policy import Policy

from checks.pack.analyzer import Violation
from declared.program import ROOT
from policies.pack import NAME

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

MAX_RESULTS = 25_000
"""GitHub rejects a log whose run has more."""

_PROGRAM = "__main__.py"
_FOLDERS = ("components", "deployment")
_COMPONENT = re.compile(r'__init__\(\s*"([\w-]+:[\w/-]+:\w+)"')


def sarif(found: Mapping[str, Sequence[Violation]], policies: Sequence[Policy]) -> dict[str, Any]:
    """A log with one run; found: stack -> its violations, of which MAX_RESULTS are written."""
    index = {policy.name: number for number, policy in enumerate(policies)}
    components = dict(_components(ROOT))
    all_found = ((stack, each) for stack, all_ in found.items() for each in all_)
    driver = {
        "name": NAME,
        "informationUri": "https://www.pulumi.com/docs/iac/crossguard/",
        "rules": [_rule(policy) for policy in policies],
    }
    results = [
        _result(stack, each, index, components) for stack, each in islice(all_found, MAX_RESULTS)
    ]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
        ],
    }


def _rule(policy: Policy) -> dict[str, Any]:
    framework: Any = policy.framework
    fix = (
        f"{policy.remediation_steps}\n\nSource: {framework.reference}\n\n"
        f"More: make policy EXPLAIN={policy.name}"
    )
    return {
        "id": policy.name,
        "shortDescription": {"text": policy.description},
        "fullDescription": {"text": f"{policy.description} {policy.remediation_steps}"},
        "help": {"text": fix, "markdown": fix},
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", policy.name.partition("-")[0]],
            "precision": "high",
            "problem.severity": "error",
        },
    }


def _result(
    stack: str, violation: Violation, index: Mapping[str, int], components: Mapping[str, Any]
) -> dict[str, Any]:
    name = violation.place
    file, line = _place(stack, violation.urn, components)
    # The same fault in the same place is the same alert, whatever the line is.
    key = f"{violation.policy} {violation.urn} {violation.message}"
    place = {"artifactLocation": {"uri": file}, "region": _region(file, line)}
    urn = "::".join((*violation.urn.split("::")[:-1], name)) if violation.urn else stack
    logical = {"name": name, "fullyQualifiedName": urn, "kind": "resource"}
    result: dict[str, Any] = {
        "ruleId": violation.policy,
        "level": "error",
        "message": {"text": f"{stack}: {name}: {violation.message}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [logical]}],
        # GitHub uses this fingerprint alone. Its own, of the line, would be the same for all that
        # a component declares.
        "partialFingerprints": {
            "primaryLocationLineHash": hashlib.sha256(key.encode()).hexdigest()
        },
    }
    if violation.policy in index:
        result["ruleIndex"] = index[violation.policy]
    return result


def _place(stack: str, urn: str, components: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    """The file and line of the innermost component that declares a resource."""
    if not urn:
        return f"Pulumi.{stack}.yaml", 1
    types = urn.split("::")[2].split("$") if urn.count("::") > 1 else []
    declared = [components[each] for each in reversed(types) if each in components]
    return declared[0] if declared else (_PROGRAM, 1)


@cache
def _region(file: str, line: int) -> Mapping[str, int]:
    """A whole line; columns count from 1, and the last is that after the last character."""
    text = ROOT.joinpath(file).read_text().splitlines()[line - 1]
    return {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": len(text) + 1}


def _components(root: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    """Type of a component -> file and line where it is declared."""
    for folder in _FOLDERS:
        for path in sorted(root.joinpath(folder).rglob("*.py")):
            text = path.read_text()
            for found in _COMPONENT.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                yield found[1], (path.relative_to(root).as_posix(), line)
