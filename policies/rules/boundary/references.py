"""Nothing leaves the stack: whatever a property refers to is the stack's own, or listed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies import deployment_program
from policies.policy import stack_policy
from policies.rules.boundary.allowed import ARNS, EMAILS, FOR_PEOPLE, HOSTS, Allowed, is_allowed
from policies.rules.boundary.own import Own, judged_texts
from policies.rules.boundary.providers import is_this_machine
from policies.stack.references import Path, Reference, host_and_path, references
from policies.stack.resource_graph import Resource, ResourceGraph

_REDIRECTING = re.compile(r"(?i)AWS_ENDPOINT_URL\w*|(all|http|https)_proxy")
"""Environment variables that redirect calls (AWS SDKs and Tools Reference Guide: service-specific
endpoints, HTTP proxy)."""

_LIST = "policies/rules/boundary/allowed.py"


@stack_policy(
    "boundary-own-references",
    risk="Requests, tokens, events or users' texts go to another account, region or host; or a"
    " typing error names what does not exist.",
    fix="Name what the stack declares, in its account and region. What is rightly outside gets an"
    f" entry with its type, property and reason in {_LIST}.",
    source="AWS Well-Architected: data perimeters; NIST 800-53 AC-4, SC-7(5)",
)
def own_references(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every ARN, account, URL, host, e-mail address and region is the stack's own, or listed."""
    own = Own.of(graph)
    for resource in graph.resources:
        judge = _Judge(own, resource)
        reported: set[str] = set()
        for text in judged_texts(resource):
            if _REDIRECTING.fullmatch(text.path[-1]) and text.value and not text.is_key:
                yield resource, f"{'.'.join(text.path)} sends the function's calls elsewhere"
            for reference in references(text.value):
                problem = judge.problem(reference, text.path)
                if problem and reference.text not in reported:
                    reported.add(reference.text)
                    where = ".".join(text.path)
                    yield resource, f"{where} names {_shown(reference)}: {problem}"


@dataclass(frozen=True)
class _Judge:
    """Judges the references of one resource."""

    own: Own
    resource: Resource

    def problem(self, reference: Reference, path: Path) -> str | None:
        """Why a reference at a path is refused; None if it is right."""
        text, graph = reference.text, self.own.graph
        match reference.kind:
            case "arn":
                is_known = deployment_program.may_name(self.resource, text)
                listed = is_known or self._is_allowed(ARNS, text, path)
                problem = None if listed else self.own.arn_problem(text)
            case "account":
                problem = None if text == graph.account else "it is another account"
            case "region":
                is_own = re.sub(r"[a-f]$", "", text) == graph.region
                problem = None if is_own else f"the stack's region is {graph.region}"
            case _ if FOR_PEOPLE & {each.lower() for each in path}:
                problem = None
            case "phone":
                problem = "a telephone number: alarms go to chat, mail and the stack's queues"
            case "email":
                listed = self._is_allowed(EMAILS, text, path)
                problem = None if listed else "an e-mail address outside alarms' subscriptions"
            case _:
                problem = self._host_problem(text, path)
        return problem

    def _host_problem(self, text: str, path: Path) -> str | None:
        host, rest = host_and_path(text)
        listed = host if not rest.strip("/") or not host.endswith(".amazonaws.com") else text
        if is_this_machine(host) or self._is_allowed(HOSTS, listed, path):
            return None
        return self.own.host_problem(host, rest)

    def _is_allowed(self, allowed: tuple[Allowed, ...], text: str, path: Path) -> bool:
        return is_allowed(allowed, text, type_=self.resource.type, path=path, own=self.own.names)


def _shown(reference: Reference) -> str:
    """A reference without what may be a secret: a URL's user, query, and path outside AWS."""
    if reference.kind not in ("url", "host"):
        return reference.text
    scheme, mark, _ = reference.text.partition("://") if "://" in reference.text else ("", "", "")
    host, path = host_and_path(reference.text)
    shown = path.partition("?")[0] if host.endswith(".amazonaws.com") else ""
    return f"{scheme.lower()}{mark}{host}{shown}"
