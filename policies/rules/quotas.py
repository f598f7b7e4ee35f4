"""AWS's limits that a deployment would otherwise be the first to meet."""

import json
import re
from collections.abc import Iterator
from typing import Any

from policies import resource_types
from policies.documents import identity_documents
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource
from policies.rules.iam import policies_of

MAX_ENVIRONMENT_BYTES = 4096
"""(AWS Lambda Developer Guide: quotas)"""
MAX_INLINE_CHARACTERS = 10_240
MAX_TRUST_CHARACTERS = 2048
"""Without white space (IAM User Guide: quotas; the trust policy's can be raised)."""
MAX_FUNCTION_POLICY_BYTES = 20 * 1024
"""All permissions on a function, or on one of its aliases (AWS Lambda Developer Guide: quotas)."""
MAX_TARGETS = 5
"""Of one rule (Amazon EventBridge User Guide: quotas)."""

_DOCUMENTS = {
    # input and bytes; in the comment who says so
    resource_types.KEY: ("policy", 32 * 1024),  # AWS KMS Developer Guide: resource quotas
    resource_types.MACHINE: ("definition", 1024 * 1024),  # Step Functions Developer Guide: quotas
    resource_types.TOPIC_POLICY: ("policy", 30 * 1024),  # SNS Developer Guide: API permissions
    resource_types.QUEUE_POLICY: ("policy", 8192),  # SQS Developer Guide: policy quotas
    resource_types.EVENT_RULE: (
        "eventPattern",
        2048,
    ),  # EventBridge User Guide: quotas (can be raised)
    resource_types.SECRET_VERSION: ("secretString", 65_536),  # Secrets Manager API: PutSecretValue
    resource_types.QUERY_DEFINITION: (
        "queryString",
        10_000,
    ),  # CloudWatch Logs API: PutQueryDefinition
    resource_types.DASHBOARD: ("dashboardBody", 1024 * 1024),  # aws-traps: CloudWatch
}

_NAMES = {
    # the services' own API references: length and characters
    resource_types.FUNCTION: (64, r"[\w-]+"),
    resource_types.ROLE: (64, r"[\w+=,.@-]+"),
    resource_types.ROLE_POLICY: (128, r"[\w+=,.@-]+"),
    resource_types.EVENT_RULE: (64, r"[\w.-]+"),
    resource_types.MACHINE: (80, r"[\w-]+"),
    resource_types.QUEUE: (80, r"[\w-]+(\.fifo)?"),
    resource_types.TABLE: (255, r"[\w.-]{3,}"),
    resource_types.TOPIC: (256, r"[\w-]+(\.fifo)?"),
    resource_types.LOG_GROUP: (512, r"[\w./#-]+"),
    resource_types.SECRET: (512, r"[\w/+=.@-]+"),
    resource_types.KEY_ALIAS: (256, r"alias/(?!aws/)[\w/-]+"),
    resource_types.ALARM: (255, r"[^\x00-\x1f]+"),
    resource_types.COMPOSITE_ALARM: (255, r"[^\x00-\x1f]+"),
    resource_types.DASHBOARD: (255, r"[\w-]+"),
    resource_types.QUERY_DEFINITION: (255, r".+"),
    resource_types.USER_POOL: (128, r"[\w\s+=,.@-]+"),
}
_NAMED_BY = {resource_types.COMPOSITE_ALARM: "alarmName", resource_types.DASHBOARD: "dashboardName"}


@resource_policy(
    "quota-environment",
    on={resource_types.FUNCTION},
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
    name = resource.props.get(_NAMED_BY.get(resource.type, "name"))
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
    for role in graph.of(resource_types.ROLE):
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
    on=frozenset(_DOCUMENTS),
    protects="A policy, definition, pattern, secret, query or dashboard that AWS refuses for its"
    " size.",
    fix="Say it shorter; split the machine, the dashboard.",
    source="the services' quotas: KMS, Step Functions, SNS, SQS, EventBridge, Secrets Manager,"
    " CloudWatch; aws-traps: CloudWatch",
)
def documents(resource: Resource) -> Iterator[str]:
    """Documents fit; one that is unknown is another policy's, or a dashboard with an API's id."""
    name, most = _DOCUMENTS[resource.type]
    text = resource.read(name)
    size = 0 if text is UNKNOWN or text is None else len(str(text).encode())
    if size > most:
        yield f"its {name} has {size} bytes, {most} at most"


@stack_policy(
    "quota-function-policy",
    protects="A permission that Lambda refuses, for the function has too many.",
    fix="Give one permission for all routes of the API, or split the function.",
    source="AWS Lambda Developer Guide: quotas",
)
def function_policy(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Permissions on one function or alias are 20 KB in all."""
    sizes: dict[tuple[Any, Any], int] = {}
    for permission in graph.of(resource_types.PERMISSION):
        on = (permission.props["function"], permission.read("qualifier"))
        sizes[on] = sizes.get(on, 0) + _statement_bytes(permission)
        if sizes[on] > MAX_FUNCTION_POLICY_BYTES:
            yield permission, f"{sizes[on]} bytes with this, {MAX_FUNCTION_POLICY_BYTES} at most"


def _statement_bytes(permission: Resource) -> int:
    """As Lambda keeps it: its operators and element names are about 200 characters."""
    names = ("statementId", "action", "function", "principal", "sourceArn", "sourceAccount")
    return 200 + sum(_bytes(permission.read(name) or "") for name in names)


@stack_policy(
    "quota-targets",
    protects="A target that EventBridge refuses, for its rule has five.",
    fix="Declare another rule with the same pattern.",
    source="Amazon EventBridge User Guide: quotas",
)
def targets(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Rules have five targets at most."""
    counts: dict[Any, int] = {}
    for target in graph.of(resource_types.EVENT_TARGET):
        rule = target.props["rule"]
        counts[rule] = counts.get(rule, 0) + 1
        if counts[rule] > MAX_TARGETS:
            yield target, f"target {counts[rule]} of {rule}, {MAX_TARGETS} at most"
