"""cfn-lint: AWS's resource schemas of a region, and the linter's own rules."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.core import get_rules  # pyright: ignore[reportUnknownVariableType]
from cfnlint.rules import RulesCollection

from checks.cloudformation.template import Template
from checks.linters.findings import Finding

LINTER = "cfn-lint"


def findings(template: Template, region: str) -> Iterator[Finding]:
    """Its errors and warnings (its information is about templates that are kept)."""
    for resource, problem in template.unmapped:
        yield Finding(LINTER, "unmapped", resource.type, resource.name, "", problem)
    text = json.dumps({"Resources": template.resources})
    matches: list[Any] = lint(text, _rules(), config=ManualArgs(regions=[region]))
    for match in matches:
        path = [str(step) for step in match.path or ()]  # Resources, the logical id, ...
        origin = template.origins.get(path[1]) if len(path) > 1 else None
        yield Finding(
            LINTER,
            match.rule.id,
            origin.type if origin else "",
            origin.name if origin else "the template",
            "/".join(path[2:]),
            match.message,
        )


@cache
def _rules() -> RulesCollection:
    return get_rules([], [], [])
