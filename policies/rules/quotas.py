"""AWS's limits on names, sizes and numbers, which a deployment would otherwise find."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.documents import identity_documents
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.roles import policies_of

MAX_ENVIRONMENT_BYTES = 4096
"""(AWS Lambda Developer Guide: quotas)"""
MAX_INLINE_CHARACTERS = 10_240
MAX_TRUST_CHARACTERS = 2048
MAX_MANAGED_CHARACTERS = 6144
MAX_ATTACHED = 10
"""Without white space (IAM User Guide: quotas; those of the trust policy and of attached policies
can be raised)."""
MAX_FUNCTION_POLICY_BYTES = 20 * 1024
"""All permissions on a function, or on an alias (AWS Lambda Developer Guide: quotas)."""
MAX_TARGETS = 5
"""Of a rule (Amazon EventBridge User Guide: quotas)."""

_DOCUMENTS = {
    # KMS Developer Guide: resource quotas
    resource_types.KEY: ("policy", 32 * 1024),
    # Step Functions Developer Guide: quotas
    resource_types.MACHINE: ("definition", 1024 * 1024),
    # SNS Developer Guide: API permissions
    resource_types.TOPIC_POLICY: ("policy", 30 * 1024),
    # SQS Developer Guide: policy quotas
    resource_types.QUEUE_POLICY: ("policy", 8192),
    # EventBridge User Guide: quotas (can be raised)
    resource_types.EVENT_RULE: ("eventPattern", 2048),
    # Secrets Manager API: PutSecretValue
    resource_types.SECRET_VERSION: ("secretString", 65_536),
    # CloudWatch Logs API: PutQueryDefinition
    resource_types.QUERY_DEFINITION: ("queryString", 10_000),
    # aws-traps: CloudWatch
    resource_types.DASHBOARD: ("dashboardBody", 1024 * 1024),
}
"""Type -> its document and the most bytes that AWS takes."""

_NAMES = {
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
"""Type -> the longest name and its characters (the services' API references)."""

_NAME_INPUTS = {
    resource_types.COMPOSITE_ALARM: "alarmName",
    resource_types.DASHBOARD: "dashboardName",
}


@resource_policy(
    "quota-environment",
    on={resource_types.FUNCTION},
    risk="Lambda refuses a function because its environment is too large.",
    fix="Put long values into a parameter or the table.",
    source="AWS Lambda Developer Guide: quotas; aws-traps: Lambda",
)
def environment(resource: Resource) -> Iterator[str]:
    """Variables have at most 4 KB together; an unknown one counts as a long ARN."""
    variables: Any = resource.read("environment", "variables") or {}
    values = {name: resource.read("environment", "variables", name) for name in variables}
    size = sum(len(name) + _bytes(value) for name, value in values.items())
    if size > MAX_ENVIRONMENT_BYTES:
        yield f"its variables have {size} bytes, {MAX_ENVIRONMENT_BYTES} at most"


def _bytes(value: Any) -> int:
    longest_arn = 256
    return longest_arn if value is UNKNOWN else len(str(value).encode())


@resource_policy(
    "quota-names",
    on=frozenset(_NAMES),
    risk="AWS refuses a name.",
    fix="Shorten it, or remove the characters that the service does not allow.",
    source="IAM and Lambda quotas (64); the services' API references; aws-traps: Names",
)
def names(resource: Resource) -> Iterator[str]:
    """Names are set, short enough and of allowed characters."""
    name = resource.props.get(_NAME_INPUTS.get(resource.type, "name"))
    longest, characters = _NAMES[resource.type]
    if not name:
        yield "it has no name: computed ARNs cannot hold one that Pulumi chooses"
    elif len(name) > longest or not re.fullmatch(characters, name):
        yield f"the name {name} has {len(name)} characters; allowed are {longest} of {characters}"


@stack_policy(
    "quota-role-policies",
    risk="IAM refuses a role's policies because they are too large.",
    fix="Join statements, remove grants; or split the function.",
    source="IAM User Guide: IAM and AWS STS quotas; aws-traps: IAM",
)
def role_policies(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A role's inline policies have at most 10,240 characters together, its trust policy 2,048.

    A managed policy has at most 6,144, and a role at most ten of them.
    """
    for policy in graph.of("aws:iam/policy:Policy"):
        size = _characters(policy.props["policy"])
        if size > MAX_MANAGED_CHARACTERS:
            yield policy, f"it has {size} characters, {MAX_MANAGED_CHARACTERS} at most"
    attached = Counter(
        _role_name(graph, each) for each in graph.of(resource_types.ROLE_POLICY_ATTACHMENT)
    )
    for role in graph.of(resource_types.ROLE):
        documents = [
            d for each in (role, *policies_of(graph, role)) for d in identity_documents(each)
        ]
        size = sum(_characters(document) for document in documents)
        if size > MAX_INLINE_CHARACTERS:
            yield role, f"its policies have {size} characters, {MAX_INLINE_CHARACTERS} at most"
        count = attached[role.read("name")]
        if count > MAX_ATTACHED:
            yield role, f"{count} managed policies are attached to it, {MAX_ATTACHED} at most"
        trust = _characters(role.props["assumeRolePolicy"])
        if trust > MAX_TRUST_CHARACTERS:
            yield role, f"its trust policy has {trust} characters, {MAX_TRUST_CHARACTERS} at most"


def _role_name(graph: ResourceGraph, attachment: Resource) -> Any:
    source = graph.source(attachment, "role", resource_types.ROLE)
    return source.read("name") if source else attachment.read("role")


def _characters(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document, default=dict)
    return len(re.sub(r"\s", "", text))


@resource_policy(
    "quota-documents",
    on=frozenset(_DOCUMENTS),
    risk="AWS refuses a policy, definition, pattern, secret, query or dashboard because it is too"
    " large.",
    fix="Shorten it; split the state machine or the dashboard.",
    source="the services' quotas: KMS, Step Functions, SNS, SQS, EventBridge, Secrets Manager,"
    " CloudWatch; aws-traps: CloudWatch",
)
def documents(resource: Resource) -> Iterator[str]:
    """Documents are within their limits.

    Unknown ones are reported by preview-inputs-known.
    """
    name, most = _DOCUMENTS[resource.type]
    text = resource.read(name)
    size = 0 if text is UNKNOWN or text is None else len(str(text).encode())
    if size > most:
        yield f"its {name} has {size} bytes, {most} at most"


@stack_policy(
    "quota-function-policy",
    risk="Lambda refuses a permission because the function has too many.",
    fix="Give one permission for all routes of the API, or split the function.",
    source="AWS Lambda Developer Guide: quotas",
)
def function_policy(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Permissions on a function or alias have at most 20 KB together."""
    sizes: dict[tuple[Any, Any], int] = {}
    for permission in graph.of(resource_types.PERMISSION):
        on = (permission.props["function"], permission.read("qualifier"))
        sizes[on] = sizes.get(on, 0) + _statement_bytes(permission)
        if sizes[on] > MAX_FUNCTION_POLICY_BYTES:
            yield (
                permission,
                f"permissions up to this one have {sizes[on]} bytes, {MAX_FUNCTION_POLICY_BYTES} at"
                " most",
            )


def _statement_bytes(permission: Resource) -> int:
    """As Lambda stores it; operators and element names have about 200 characters."""
    names = ("statementId", "action", "function", "principal", "sourceArn", "sourceAccount")
    return 200 + sum(_bytes(permission.read(name) or "") for name in names)


@stack_policy(
    "quota-targets",
    risk="EventBridge refuses a target because its rule has too many.",
    fix="Declare another rule with the same pattern.",
    source="Amazon EventBridge User Guide: quotas",
)
def targets(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Rules have at most five targets."""
    counts: dict[Any, int] = {}
    for target in graph.of(resource_types.EVENT_TARGET):
        rule = target.props["rule"]
        counts[rule] = counts.get(rule, 0) + 1
        if counts[rule] > MAX_TARGETS:
            yield target, f"it is target {counts[rule]} of {rule}, {MAX_TARGETS} at most"
