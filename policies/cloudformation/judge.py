"""All judges of a stack, and what is known of their objections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from localcloud.program import DeclaredResource
from policies.cloudformation import definitions, iam_documents, schemas
from policies.cloudformation.explained import EXPLAINED
from policies.cloudformation.finding import Explained, Finding
from policies.cloudformation.template import template


@dataclass(frozen=True)
class Judged:
    """What was found in one stack.

    resources: how many were judged. unexplained: what has to be mended.
    explained: which explanations were needed, and how often.
    """

    resources: int
    unexplained: Sequence[Finding]
    explained: Mapping[Explained, int]


def judge(resources: Sequence[DeclaredResource], region: str) -> Judged:
    """Ask every judge about resources whose outputs are references."""
    unexplained: list[Finding] = []
    explained: dict[Explained, int] = {}
    for finding in findings(resources, region):
        known = next((each for each in EXPLAINED if each.covers(finding)), None)
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


def stale(used: Iterable[Explained]) -> list[Explained]:
    """Explanations of what nobody objects to any more."""
    needed = set(used)
    return [each for each in EXPLAINED if each not in needed]
