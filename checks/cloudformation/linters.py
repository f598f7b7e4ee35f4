"""All judges of a stack, and what is known of their objections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.cloudformation import definitions, iam_documents, schemas
from checks.cloudformation.accepted_findings import ACCEPTED_FINDINGS
from checks.cloudformation.finding import AcceptedFinding, Finding
from checks.cloudformation.template import template
from declared.program import DeclaredResource


@dataclass(frozen=True)
class Judged:
    """What was found in one stack.

    resources: how many were judged. unexplained: what has to be mended.
    explained: which explanations were needed, and how often.
    """

    resources: int
    unexplained: Sequence[Finding]
    explained: Mapping[AcceptedFinding, int]


def judge(resources: Sequence[DeclaredResource], region: str) -> Judged:
    """Ask every judge about resources whose outputs are references."""
    unexplained: list[Finding] = []
    explained: dict[AcceptedFinding, int] = {}
    for finding in findings(resources, region):
        known = next((each for each in ACCEPTED_FINDINGS if each.covers(finding)), None)
        if known is None:
            unexplained.append(finding)
        else:
            explained[known] = explained.get(known, 0) + 1
    return Judged(len(resources), unexplained, explained)


def findings(resources: Sequence[DeclaredResource], region: str) -> Iterable[Finding]:
    """What all judges object to."""
    yield from schemas.findings(template(resources), region)
    yield from definitions.findings(resources)
    yield from iam_documents.findings(resources)


def stale(used: Iterable[AcceptedFinding]) -> list[AcceptedFinding]:
    """Explanations of what nobody objects to any more."""
    needed = set(used)
    return [each for each in ACCEPTED_FINDINGS if each not in needed]
