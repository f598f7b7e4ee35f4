"""AWS's limits that a deployment would otherwise be the first to meet."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies import kinds
from policies.declared import UNKNOWN, Graph, Resource
from policies.documents import identity_documents
from policies.iam import policies_of
from policies.policy import resource_policy, stack_policy

MAX_ENVIRONMENT_BYTES = 4096
"""(AWS Lambda Developer Guide: quotas)"""
MAX_INLINE_CHARACTERS = 10_240
MAX_TRUST_CHARACTERS = 2048
"""Without white space (IAM User Guide: quotas; the trust policy's can be raised)."""
MAX_KEY_POLICY_BYTES = 32_768
"""(AWS KMS Developer Guide: resource quotas)"""
MAX_DEFINITION_BYTES = 1024 * 1024
"""(AWS Step Functions Developer Guide: quotas)"""

_NAMES = {
    # the services' own API references: length and characters
    kinds.FUNCTION: (64, r"[\w-]+"),
    kinds.ROLE: (64, r"[\w+=,.@-]+"),
    kinds.ROLE_POLICY: (128, r"[\w+=,.@-]+"),
    kinds.EVENT_RULE: (64, r"[\w.-]+"),
    kinds.MACHINE: (80, r"[\w-]+"),
    kinds.QUEUE: (80, r"[\w-]+(\.fifo)?"),
    kinds.TABLE: (255, r"[\w.-]{3,}"),
    kinds.TOPIC: (256, r"[\w-]+(\.fifo)?"),
    kinds.LOG_GROUP: (512, r"[\w./#-]+"),
    kinds.SECRET: (512, r"[\w/+=.@-]+"),
    kinds.KEY_ALIAS: (256, r"alias/(?!aws/)[\w/-]+"),
    kinds.ALARM: (255, r"[^\x00-\x1f]+"),
}


@resource_policy(
    "quota-environment",
    on={kinds.FUNCTION},
    protects="A function that Lambda refuses for the size of its environment.",
    fix="Put what is long into a parameter or the table.",
    source="AWS Lambda Developer Guide: quotas; aws-traps: Lambda",
)
def environment(resource: Resource) -> Iterator[str]:
    """Variables are 4 KB in all; one that is not known yet counts as a long ARN."""
    variables: Any = resource.read("environment", "variables") or {}
    values = {name: resource.read("environment", "variables", name) for name in variables}
    size = sum(len(name) + _bytes(value) for name, value in values.items())
    if size > MAX_ENVIRONMENT_BYTES:
        yield f"{size} bytes, {MAX_ENVIRONMENT_BYTES} at most"


def _bytes(value: Any) -> int:
    longest_arn = 256
    return longest_arn if value is UNKNOWN else len(str(value).encode())


@resource_policy(
    "quota-names",
    on=frozenset(_NAMES),
    protects="A name that AWS refuses.",
    fix="Shorten it, or take the characters out that the service does not know.",
    source="IAM and Lambda quotas (64); the services' API references; aws-traps: Names",
)
def names(resource: Resource) -> Iterator[str]:
    """Names are given, short enough and of known characters."""
    name = resource.props["name"] if resource.type != kinds.ALARM else resource.props.get("name")
    longest, characters = _NAMES[resource.type]
    if not name:
        yield "no name: computed ARNs cannot hold one that Pulumi makes up"
    elif len(name) > longest or not re.fullmatch(characters, name):
        yield f"{name}: {len(name)} characters, {longest} at most, of {characters}"


@stack_policy(
    "quota-role-policies",
    protects="A role whose policies IAM refuses for their size.",
    fix="Join statements, drop grants; or split the function.",
    source="IAM User Guide: IAM and AWS STS quotas; aws-traps: IAM",
)
def role_policies(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Inline policies are 10,240 characters a role in all, a trust policy 2,048."""
    for role in graph.of(kinds.ROLE):
        documents = [
            d for each in (role, *policies_of(graph, role)) for d in identity_documents(each)
        ]
        size = sum(_characters(document) for document in documents)
        if size > MAX_INLINE_CHARACTERS:
            yield role, f"its policies have {size} characters, {MAX_INLINE_CHARACTERS} at most"
        trust = _characters(role.props["assumeRolePolicy"])
        if trust > MAX_TRUST_CHARACTERS:
            yield role, f"its trust policy has {trust} characters, {MAX_TRUST_CHARACTERS} at most"


def _characters(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document, default=dict)
    return len(re.sub(r"\s", "", text))


@resource_policy(
    "quota-documents",
    on={kinds.KEY, kinds.MACHINE},
    protects="A key's policy or a definition that AWS refuses for its size.",
    fix="Say it shorter; split the machine.",
    source="AWS KMS: resource quotas; AWS Step Functions: quotas",
)
def documents(resource: Resource) -> Iterator[str]:
    """Documents fit."""
    name, most = {
        kinds.KEY: ("policy", MAX_KEY_POLICY_BYTES),
        kinds.MACHINE: ("definition", MAX_DEFINITION_BYTES),
    }[resource.type]
    size = len(str(resource.props.get(name) or "").encode())
    if size > most:
        yield f"its {name} has {size} bytes, {most} at most"
