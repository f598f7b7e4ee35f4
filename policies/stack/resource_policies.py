"""What the policies of topics, queues and keys allow a service to do for one of its resources."""

from policies.stack import resource_types
from policies.stack.documents import Statement, resource_statements
from policies.stack.resource_graph import Resource, ResourceGraph

KEY_INPUTS: dict[str, tuple[str, ...]] = {
    resource_types.TABLE: ("serverSideEncryption", "kmsKeyArn"),
    resource_types.LOG_GROUP: ("kmsKeyId",),
    resource_types.TOPIC: ("kmsMasterKeyId",),
    resource_types.QUEUE: ("kmsMasterKeyId",),
    resource_types.SECRET: ("kmsKeyId",),
    resource_types.FUNCTION: ("kmsKeyArn",),
    resource_types.BACKUP_VAULT: ("kmsKeyArn",),
}
"""Type -> the input that names its encryption key. A new key's ARN is unknown in a preview, so the
policies look at the resource that the input comes from."""

_SOURCE_KEYS = ("aws:SourceAccount", "aws:SourceArn")
NO_SOURCE_FOR_KEYS = frozenset({"events.amazonaws.com"})
"""Services that send KMS no source when they encrypt for a topic or queue: a condition on one
refuses them. (Amazon SNS Developer Guide, key management: not supported for EventBridge; Amazon SQS
Developer Guide, key management: the example without conditions)"""
_SOURCE_OPERATORS = ("StringEquals", "ArnEquals", "ArnLike", "StringLike")


def policy_of(graph: ResourceGraph, resource: Resource) -> list[Statement]:
    """The policy of a topic or queue: its own input, and its TopicPolicy or QueuePolicy."""
    inputs = {resource_types.TOPIC_POLICY: "arn", resource_types.QUEUE_POLICY: "queueUrl"}
    found = list(resource_statements(resource))
    for policy in graph.of(*inputs):
        name = inputs[policy.type]
        if policy.read(name) == graph.arn(resource) or resource.urn in policy.sources.get(name, ()):
            found += resource_statements(policy)
    return found


def service_may_use_key(
    graph: ResourceGraph, target: Resource, service: str, source_arn: str
) -> bool:
    """Whether a service may encrypt for a topic or queue on behalf of one source."""
    key = graph.source(target, KEY_INPUTS[target.type][0], resource_types.KEY)
    return key is None or any(
        allows_service(each, service, {"kms:decrypt", "kms:generatedatakey"}, source_arn)
        and not (each.conditions and f"{service}.amazonaws.com" in NO_SOURCE_FOR_KEYS)
        for each in resource_statements(key)
    )


def allows_service(statement: Statement, service: str, actions: set[str], source_arn: str) -> bool:
    """Whether a statement allows a service all these actions on behalf of one source."""
    sources = [
        *statement.condition("aws:SourceArn", "ArnEquals", "StringEquals"),
        *statement.condition("aws:SourceArn", "ArnLike", "StringLike"),
    ]
    return (
        statement.allows
        and ("Service", f"{service}.amazonaws.com") in statement.principals
        and actions <= {action.lower() for action in statement.actions}
        and (not sources or any(_is_like(source_arn, source) for source in sources))
    )


def _is_like(arn: str, pattern: str) -> bool:
    prefix, star, rest = pattern.partition("*")
    return arn == pattern or (bool(star) and not rest and arn.startswith(prefix))


def names_its_source(statement: Statement) -> bool:
    """Whether a condition limits a service to named source accounts or resources."""
    values_by_key = (statement.condition(key, *_SOURCE_OPERATORS) for key in _SOURCE_KEYS)
    return any(values and all(map(_is_one_account, values)) for values in values_by_key)


def _is_one_account(source: str) -> bool:
    """Whether an account id, or an ARN, leaves no account open; a bucket's ARN has none."""
    if not source.startswith("arn:"):
        return not set("*?") & set(source)
    account, rest = (source.split(":", 5) + [""] * 5)[4:6]
    named = account or rest.partition("/")[0]
    return bool(named) and not set("*?") & set(named)
