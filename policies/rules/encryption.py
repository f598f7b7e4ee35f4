"""Encryption at rest with the stack's own key, TLS in transit, and who may use the key."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies import remediations
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.documents import Statement, resource_statements
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph
from policies.stack.resource_policies import KEY_INPUTS, policy_of
from policies.stack.roles import grants_of, policies_of, role_of

_GUIDE = "guide: データ暗号化"

_KEY_ACTIONS = {
    "dynamodb": {"kms:decrypt", "kms:generatedatakey"},
    "s3": {"kms:decrypt", "kms:generatedatakey"},
    "secretsmanager": {"kms:decrypt"},
    "sns": {"kms:decrypt", "kms:generatedatakey"},
    "sqs": {"kms:decrypt", "kms:generatedatakey"},
}
"""Service -> what its callers need to be allowed on the customer key (AWS KMS Developer Guide: how
services use KMS; DynamoDB, S3, Secrets Manager, SNS and SQS guides: key management)."""


_OF_LOGS = (
    *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
    *("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
)
"""(CloudWatch Logs User Guide: encrypt log data using AWS KMS)"""


@stack_policy(
    "encryption-customer-key",
    risk="Nobody can audit or withdraw the use of the key that encrypts the data.",
    fix="Give table, log groups, topics, queues, secrets and environments the stack's own key.",
    source=f"{_GUIDE}; Security Hub SNS.1, SQS.1; NIST 800-53 SC-28(1)",
)
def customer_key(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Everything at rest is encrypted with a key that this stack declares."""
    for resource in graph.of(*KEY_INPUTS):
        path = KEY_INPUTS[resource.type]
        value = resource.read(*path)
        if value is None:
            yield resource, f"{'.'.join(path)} is not set"
        elif graph.source(resource, path[0], resource_types.KEY) is None:
            shown = "unknown" if value is UNKNOWN else value
            yield resource, f"{'.'.join(path)} is {shown} and comes from no key of this stack"
        if resource.type == resource_types.TABLE and not resource.read(
            "serverSideEncryption", "enabled"
        ):
            yield resource, "serverSideEncryption is not enabled"


@resource_policy(
    "encryption-key-rotation",
    on={resource_types.KEY},
    risk="A leaked key stays valid, or all data is lost because its key was deleted by mistake.",
    fix="Enable rotation; leave at least 7 days before deletion.",
    source=f"{_GUIDE}; CIS AWS Foundations v3.0.0 3.6; Security Hub KMS.4; NIST 800-53 SC-12(2)",
)
def key_rotation(resource: Resource) -> Iterator[str]:
    """Keys are enabled, rotate, have a policy, and are not deleted at once."""
    if resource.props.get("isEnabled") is False:
        yield "isEnabled is false, so nothing that it encrypts can be read"
    if resource.props.get("enableKeyRotation") is not True:
        yield "rotation is off"
    if (resource.props.get("deletionWindowInDays") or 30) < 7:  # noqa: PLR2004 - AWS's minimum
        yield "it is deleted in less than 7 days"
    if not resource.props.get("policy"):
        yield "it has no policy: AWS's default one lets IAM policies allow everything"


@stack_policy(
    "encryption-tls-only",
    risk="Messages are sent without encryption.",
    fix='Deny Principal "*" to publish or send where aws:SecureTransport is "false".',
    source="AWS Well-Architected SEC09-BP02; NIST 800-53 SC-8",
)
def tls_only(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every topic and queue denies requests without TLS."""
    actions = {resource_types.TOPIC: "sns:publish", resource_types.QUEUE: "sqs:sendmessage"}
    for resource in graph.of(*actions):
        arn = graph.arn(resource)
        denials = [each for each in policy_of(graph, resource) if not each.allows]
        if not any(_denies_plain_http(each, actions[resource.type], str(arn)) for each in denials):
            yield resource, "it accepts messages without TLS"
    for subscription in graph.of(resource_types.SUBSCRIPTION):
        if subscription.props["protocol"] == "http":
            yield subscription, "it delivers messages without TLS"


def _denies_plain_http(statement: Statement, action: str, arn: str) -> bool:
    service = action.partition(":")[0]
    actions = {each.lower() for each in statement.actions}
    return (
        bool(actions & {action, f"{service}:*", "*"})
        and bool({"*", arn} & set(statement.resources))
        and any(name == "*" for _, name in statement.principals)
        and [key for _, key, _ in statement.conditions] == ["aws:securetransport"]
        and statement.condition("aws:SecureTransport", "Bool", "BoolIfExists") == ("false",)
    )


@resource_policy(
    "encryption-tls-statement",
    on={resource_types.TOPIC_POLICY, resource_types.QUEUE_POLICY},
    risk="Messages are sent without encryption: this policy replaces any other one of its topic or"
    " queue.",
    fix='Deny Principal "*" to publish or send where aws:SecureTransport is "false".',
    source="AWS Well-Architected SEC09-BP02; NIST 800-53 SC-8",
    remediate=remediations.tls_only,
)
def tls_statement(resource: Resource) -> Iterator[str]:
    """The policy of a topic or queue denies requests without TLS."""
    if remediations.tls_only(resource):
        yield "no statement of it denies everybody to send without TLS"


@stack_policy(
    "encryption-log-groups-have-key",
    risk="A log group cannot be created, because CloudWatch Logs may not use its key.",
    fix=f"Let logs.REGION.amazonaws.com do {', '.join(_OF_LOGS)} under the encryption context of"
    " its ARN.",
    source="CloudWatch Logs User Guide: encrypt log data using AWS KMS; aws-traps: Keys",
)
def log_groups_have_key(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A key's policy names every log group that the key encrypts."""
    for group in graph.of(resource_types.LOG_GROUP):
        key = graph.source(group, "kmsKeyId", resource_types.KEY)
        if key is None:
            continue
        named = {
            arn
            for each in resource_statements(key)
            if each.allows
            and ("Service", f"logs.{graph.region}.amazonaws.com") in each.principals
            and all(_names_action(each, action) for action in _OF_LOGS)
            for arn in each.condition("kms:EncryptionContext:aws:logs:arn", "ArnEquals")
        }
        if graph.arn(group) not in named:
            yield group, "its key's policy does not let CloudWatch Logs encrypt and decrypt it"


def _names_action(statement: Statement, action: str) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in statement.actions)


_USE_THE_KEY = (
    resource_types.FUNCTION,
    resource_types.MACHINE,
    resource_types.BACKUP_SELECTION,
)


@stack_policy(
    "encryption-callers-have-key",
    risk="An allowed call fails, because its caller may not use the key of what it calls.",
    fix="Grant the key through the service (kms:ViaService), under the stack's alias"
    " (kms:ResourceAliases).",
    source="AWS KMS Developer Guide: kms:ViaService, kms:ResourceAliases; aws-traps: Keys",
)
def callers_have_key(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Callers of an encrypted service may use the stack's key through it, and no other key."""
    aliases = {alias.read("name") for alias in graph.of(resource_types.KEY_ALIAS)}
    for alias in graph.of(resource_types.KEY_ALIAS):
        if graph.source(alias, "targetKeyId", resource_types.KEY) is None:
            yield alias, "it is the alias of no key of this stack"
    for key in graph.of(resource_types.KEY):
        if not any(_lets_iam_decide(each, graph.account) for each in resource_statements(key)):
            yield key, "its policy does not let IAM decide, so no role's grant has an effect"
    for holder in graph.of(*_USE_THE_KEY):
        role = role_of(graph, holder)
        if role is None:
            continue
        policy = next(iter(policies_of(graph, role)), role)
        grants = grants_of(graph, role)
        called = {action.partition(":")[0] for each in grants for action in each.actions}
        needed = {s: actions for s, actions in _KEY_ACTIONS.items() if s in called}
        if holder.type == resource_types.FUNCTION and holder.given("kmsKeyArn") is not None:
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
                yield (
                    policy,
                    f"{holder.name} calls {service}, but may not use the key:"
                    f" {', '.join(sorted(missing))}",
                )
        for statement in grants:
            for alias in statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals"):
                if alias not in aliases:
                    yield policy, f"{alias} is no alias of this stack"


def _lets_iam_decide(statement: Statement, account: str) -> bool:
    root = ("AWS", f"arn:aws:iam::{account}:root")
    is_account = root in statement.principals or ("AWS", account) in statement.principals
    return statement.allows and is_account and "kms:*" in statement.actions
