"""Calls of KMS by those who use an encrypted resource, each with the guide for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from checks.least_privilege.calls import Call, Context, context
from checks.least_privilege.stack import DeclaredStack
from components.iam.grants import ENVELOPE_ENCRYPTION
from policies.stack.resource_graph import Resource

_TOPIC_KEY = "SNS Developer Guide: key management"
_TABLE_KEY = "DynamoDB Developer Guide: encryption at rest, authorizing use of the key"
_SECRET_KEY = "Secrets Manager User Guide: permissions for the KMS key"  # noqa: S105 - a title
_BUCKET_KEY = "S3 User Guide: using server-side encryption with AWS KMS, permissions"
_QUEUE_KEY = "SQS Developer Guide: key management, configuring KMS permissions"


@dataclass(frozen=True)
class KeyUse:
    """What a role does with a key through a service; source: the guide that documents it."""

    service: str
    actions: tuple[str, ...]
    source: str


_SEND = ("Decrypt", "GenerateDataKey")
_KEY_USES = {
    # called service or action -> what the caller does with the key
    "dynamodb": KeyUse("dynamodb", ENVELOPE_ENCRYPTION, _TABLE_KEY),
    "s3:GetObject": KeyUse("s3", ("Decrypt",), _BUCKET_KEY),
    "s3:PutObject": KeyUse("s3", _SEND, _BUCKET_KEY),
    "secretsmanager:GetSecretValue": KeyUse("secretsmanager", ("Decrypt",), _SECRET_KEY),
    "sns:Publish": KeyUse("sns", _SEND, _TOPIC_KEY),
    "sqs:ReceiveMessage": KeyUse("sqs", ("Decrypt",), _QUEUE_KEY),
    "sqs:SendMessage": KeyUse("sqs", _SEND, _QUEUE_KEY),
}


def key_uses_of_service(
    stack: DeclaredStack, service: str, target: str, on_behalf: Context, source: str
) -> Iterator[Call]:
    """A service that writes to an encrypted resource uses its key, allowed by the key's policy."""
    resource = stack.at(target)
    if resource and (key := stack.key_of(resource)):
        for action in _SEND:
            yield Call(service, f"kms:{action}", stack.key_arn(key), on_behalf, source)


def key_uses(stack: DeclaredStack, call: Call) -> Iterator[Call]:
    """A role that uses an encrypted resource uses its key through the resource's service."""
    use = _KEY_USES.get(call.action) or _KEY_USES.get(call.service)
    resource = stack.at(call.resource)
    if use is None or resource is None or call.principal.endswith(".amazonaws.com"):
        return
    if key := stack.key_of(resource):
        yield from key_uses_of_role(stack, call.principal, key, use)


def key_uses_of_role(stack: DeclaredStack, role: str, key: Resource, use: KeyUse) -> Iterator[Call]:
    """A role's use of a key through a service, under the key's aliases."""
    through = context(
        {
            "kms:ViaService": f"{use.service}.{stack.region}.amazonaws.com",
            "kms:ResourceAliases": stack.aliases(key),
        }
    )
    for action in use.actions:
        yield Call(role, f"kms:{action}", stack.key_arn(key), through, use.source)
