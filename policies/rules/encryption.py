"""At rest under a key of our own, under way under TLS, and everybody who needs the key has it."""

from collections.abc import Iterator

from policies import resource_types
from policies.documents import Statement, resource_statements
from policies.policy import resource_policy, stack_policy
from policies.resource_graph import UNKNOWN, Graph, Resource
from policies.rules.iam import grants_of, policies_of, role_of

_GUIDE = "guide: データ暗号化"

KEY_INPUTS: dict[str, tuple[str, ...]] = {
    resource_types.TABLE: ("serverSideEncryption", "kmsKeyArn"),
    resource_types.LOG_GROUP: ("kmsKeyId",),
    resource_types.TOPIC: ("kmsMasterKeyId",),
    resource_types.QUEUE: ("kmsMasterKeyId",),
    resource_types.SECRET: ("kmsKeyId",),
    resource_types.FUNCTION: ("kmsKeyArn",),
}
"""Where each type names the key of what it keeps. Only AWS knows a new key's ARN, so this is the
one kind of input that a preview may leave unknown: the edge to the key is looked at instead."""

_ENCRYPTED_SERVICES = {
    "dynamodb": {"kms:decrypt", "kms:generatedatakey"},
    "secretsmanager": {"kms:decrypt"},
    "sns": {"kms:decrypt", "kms:generatedatakey"},
    "sqs": {"kms:decrypt", "kms:generatedatakey"},
}
"""What a caller of each service needs of the customer key (AWS KMS Developer Guide: how services
use KMS; DynamoDB, Secrets Manager, SNS and SQS guides: key management)."""


@stack_policy(
    "encryption-customer-key",
    protects="Data under a key that we can neither see used nor take away.",
    fix="Give table, log groups, topics, queues, secrets and environments the stack's own key.",
    source=f"{_GUIDE}; Security Hub SNS.1, SQS.1; NIST 800-53 SC-28(1)",
)
def customer_key(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Everything at rest is under a key that this stack declares."""
    for resource in graph.of(*KEY_INPUTS):
        path = KEY_INPUTS[resource.type]
        value = resource.read(*path)
        if value is None:
            yield resource, f"{'.'.join(path)} is not set"
        elif graph.source(resource, path[0], resource_types.KEY) is None:
            shown = "of unknown origin" if value is UNKNOWN else value
            yield resource, f"{'.'.join(path)} is {shown}: no key of this stack"
        if resource.type == resource_types.TABLE and not resource.read(
            "serverSideEncryption", "enabled"
        ):
            yield resource, "serverSideEncryption is not enabled"


@resource_policy(
    "encryption-key-rotation",
    on={resource_types.KEY},
    protects="A key that is old when it leaks, or deleted with all it encrypts by one slip.",
    fix="Enable rotation; leave at least 7 days before deletion.",
    source=f"{_GUIDE}; CIS AWS Foundations v3.0.0 3.6; Security Hub KMS.4; NIST 800-53 SC-12(2)",
)
def key_rotation(resource: Resource) -> Iterator[str]:
    """Keys rotate, and do not vanish overnight."""
    if resource.props.get("isEnabled") is False:
        yield "switched off, and with it all that it encrypts"
    if resource.props.get("enableKeyRotation") is not True:
        yield "rotation is off"
    if (resource.props.get("deletionWindowInDays") or 30) < 7:  # noqa: PLR2004 - AWS's minimum
        yield "gone in less than a week"
    if not resource.props.get("policy"):
        yield "no policy: AWS's default one hands it to every principal that IAM lets"


@stack_policy(
    "encryption-tls-only",
    protects="Messages that travel in clear.",
    fix='Deny Principal "*" to publish or send where aws:SecureTransport is "false".',
    source="AWS Well-Architected SEC09-BP02; NIST 800-53 SC-8",
)
def tls_only(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every topic and queue refuses what is not TLS."""
    needed = {resource_types.TOPIC: "sns:publish", resource_types.QUEUE: "sqs:sendmessage"}
    for resource in graph.of(*needed):
        arn = graph.arn(resource)
        denials = [each for each in policy_of(graph, resource) if not each.allows]
        if not any(_denies_clear(each, needed[resource.type], str(arn)) for each in denials):
            yield resource, "takes messages without TLS"
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        if subscription.props["protocol"] == "http":
            yield subscription, "messages go on without TLS"


def _denies_clear(statement: Statement, action: str, arn: str) -> bool:
    service = action.partition(":")[0]
    actions = {each.lower() for each in statement.actions}
    return (
        bool(actions & {action, f"{service}:*", "*"})
        and bool({"*", arn} & set(statement.resources))
        and any(who == "*" for _, who in statement.principals)
        and [key for _, key, _ in statement.conditions] == ["aws:securetransport"]
        and statement.condition("aws:SecureTransport", "Bool") == ("false",)
    )


def policy_of(graph: Graph, resource: Resource) -> list[Statement]:
    """What the policy of a topic or queue says, wherever it stands."""
    inputs = {resource_types.TOPIC_POLICY: "arn", resource_types.QUEUE_POLICY: "queueUrl"}
    found = list(resource_statements(resource))
    for policy in graph.of(*inputs):
        name = inputs[policy.type]
        if policy.read(name) == graph.arn(resource) or resource.urn in policy.sources.get(name, ()):
            found += resource_statements(policy)
    return found


@stack_policy(
    "encryption-log-groups-have-key",
    protects="A log group that cannot be made, for CloudWatch Logs may not use its key.",
    fix="Let logs.REGION.amazonaws.com use the key under the encryption context of its ARN.",
    source="CloudWatch Logs User Guide: encrypt log data using AWS KMS; aws-traps: Keys",
)
def log_groups_have_key(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """The key's policy names every log group under it."""
    for group in graph.of(resource_types.LOG_GROUP):
        key = graph.source(group, "kmsKeyId", resource_types.KEY)
        if key is None:
            continue
        named = {
            arn
            for each in resource_statements(key)
            if each.allows and ("Service", f"logs.{graph.region}.amazonaws.com") in each.principals
            for arn in each.condition("kms:EncryptionContext:aws:logs:arn", "ArnEquals")
        }
        if graph.arn(group) not in named:
            yield group, "its key's policy does not let CloudWatch Logs encrypt it"


@stack_policy(
    "encryption-callers-have-key",
    protects="A call that is allowed and fails, for its caller may not use the target's key.",
    fix="Grant the key through the service (kms:ViaService), under our alias (ResourceAliases).",
    source="AWS KMS Developer Guide: kms:ViaService, kms:ResourceAliases; aws-traps: Keys",
)
def callers_have_key(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Whoever may use an encrypted service may use the key through it, and only a key of ours."""
    aliases = {alias.read("name") for alias in graph.of(resource_types.KEY_ALIAS)}
    for alias in graph.of(resource_types.KEY_ALIAS):
        if graph.source(alias, "targetKeyId", resource_types.KEY) is None:
            yield alias, "is the alias of no key of this stack"
    for key in graph.of(resource_types.KEY):
        if not any(_hands_over(each, graph.account) for each in resource_statements(key)):
            yield key, "its policy hands nothing over to IAM: no role's grant counts"
    for holder in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        role = role_of(graph, holder)
        if role is None:
            continue
        at = next(iter(policies_of(graph, role)), role)
        grants = grants_of(graph, role)
        used = {action.partition(":")[0] for each in grants for action in each.actions}
        needed = {s: a for s, a in _ENCRYPTED_SERVICES.items() if s in used}
        if holder.type == resource_types.FUNCTION:
            needed["lambda"] = {"kms:decrypt"}  # its environment
        for service, actions in needed.items():
            via = f"{service}.{graph.region}.amazonaws.com"
            missing = actions - {
                action.lower()
                for each in grants
                if via in each.condition("kms:ViaService", "StringEquals")
                for action in each.actions
            }
            if missing:
                yield at, f"{holder.name} uses {service}, but not the key: {sorted(missing)}"
        for statement in grants:
            for alias in statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals"):
                if alias not in aliases:
                    yield at, f"{alias} is no alias of this stack"


def _hands_over(statement: Statement, account: str) -> bool:
    root = ("AWS", f"arn:aws:iam::{account}:root")
    known = root in statement.principals or ("AWS", account) in statement.principals
    return statement.allows and known and "kms:*" in statement.actions


def services_may_use(graph: Graph, target: Resource, service: str, source_arn: str) -> bool:
    """Whether a service may encrypt for a topic or queue, on behalf of one source."""
    key = graph.source(target, KEY_INPUTS[target.type][0], resource_types.KEY)
    return key is None or any(
        allows_service(each, service, {"kms:decrypt", "kms:generatedatakey"}, source_arn)
        for each in resource_statements(key)
    )


def allows_service(statement: Statement, service: str, actions: set[str], source_arn: str) -> bool:
    """Whether a statement lets a service do all this on behalf of one source."""
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
