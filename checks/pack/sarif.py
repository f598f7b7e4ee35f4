"""The pack's results as SARIF 2.1.0, which GitHub shows in a pull request.

(OASIS: Static Analysis Results Interchange Format 2.1.0; GitHub: SARIF support for code scanning)
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi_policy import Policy

from checks.pack.analyzer import Violation
from declared.program import ROOT
from policies.pack import NAME

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_PROGRAM = "__main__.py"
_FOLDERS = ("components", "deployment")
_COMPONENT = re.compile(r'__init__\(\s*"([\w-]+:[\w/-]+:\w+)"')


def sarif(found: Mapping[str, Sequence[Violation]], policies: Sequence[Policy]) -> dict[str, Any]:
    """A log with one run; found: stack -> its violations."""
    index = {policy.name: number for number, policy in enumerate(policies)}
    components = dict(_components(ROOT))
    driver = {
        "name": NAME,
        "informationUri": "https://www.pulumi.com/docs/iac/crossguard/",
        "rules": [_rule(policy) for policy in policies],
    }
    results = [
        _result(stack, each, index, components) for stack, all_ in found.items() for each in all_
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
    fix = f"{policy.remediation_steps}\n\nSource: {framework.reference}"
    return {
        "id": policy.name,
        "shortDescription": {"text": policy.description},
        "help": {"text": fix, "markdown": fix},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", policy.name.partition("-")[0]]},
    }


def _result(
    stack: str, violation: Violation, index: Mapping[str, int], components: Mapping[str, Any]
) -> dict[str, Any]:
    name = violation.place
    file, line = _place(stack, violation.urn, components)
    # The same fault in the same place is the same alert, whatever the line is.
    key = f"{violation.policy} {violation.urn} {violation.message}"
    place = {"artifactLocation": {"uri": file}, "region": {"startLine": line}}
    urn = "::".join((*violation.urn.split("::")[:-1], name)) if violation.urn else stack
    logical = {"name": name, "fullyQualifiedName": urn, "kind": "resource"}
    result: dict[str, Any] = {
        "ruleId": violation.policy,
        "level": "error",
        "message": {"text": f"{stack}: {name}: {violation.message}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [logical]}],
        "partialFingerprints": {"violation/v1": hashlib.sha256(key.encode()).hexdigest()},
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


def _components(root: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    """Type of a component -> file and line where it is declared."""
    for folder in _FOLDERS:
        for path in sorted(root.joinpath(folder).rglob("*.py")):
            text = path.read_text()
            for found in _COMPONENT.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                yield found[1], (path.relative_to(root).as_posix(), line)
