"""All linters over a stack, and which of their findings are accepted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.cloudformation.template import template
from checks.linters import definitions, iam_documents, schemas
from checks.linters.accepted_findings import ACCEPTED_FINDINGS
from checks.linters.findings import AcceptedFinding, Finding
from declared.resources import DeclaredResource


@dataclass(frozen=True)
class LintResult:
    """The findings in one stack.

    resources: how many were checked.
    findings: those that are not accepted.
    accepted: how often each accepted finding occurred; those that did not are absent.
    """

    resources: int
    findings: Sequence[Finding]
    accepted: Mapping[AcceptedFinding, int]


def lint(resources: Sequence[DeclaredResource], region: str) -> LintResult:
    """Run every linter on resources whose outputs are references (`template.with_references`)."""
    findings: list[Finding] = []
    accepted: Counter[AcceptedFinding] = Counter()
    for finding in _all_findings(resources, region):
        covering = next((each for each in ACCEPTED_FINDINGS if each.covers(finding)), None)
        if covering is None:
            findings.append(finding)
        else:
            accepted[covering] += 1
    return LintResult(len(resources), findings, accepted)


def _all_findings(resources: Sequence[DeclaredResource], region: str) -> Iterable[Finding]:
    yield from schemas.findings(template(resources), region)
    yield from definitions.findings(resources)
    yield from iam_documents.findings(resources)


def stale(occurred: Iterable[AcceptedFinding]) -> list[AcceptedFinding]:
    """Accepted findings that no linter reports any more."""
    needed = set(occurred)
    return [each for each in ACCEPTED_FINDINGS if each not in needed]
