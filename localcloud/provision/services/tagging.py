"""Changed tags: each service's own calls, made before the rest of an update, as the provider's."""

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.provision.provisioner import Clients, Properties, key_values

Tags = Mapping[str, str]
_PAIR = ("Key", "Value")


@dataclass(frozen=True)
class _Tagging:
    """How a service tags.

    of: its parameter for the resource; its id where `by_id`, else its ARN. tags, names: its
    parameters for tags and for those to remove. pair: the keys of one tag; None: a mapping.
    tag, untag: its operations, by boto3's names.
    """

    service: str
    of: str = "ResourceArn"
    tags: str = "Tags"
    names: str = "TagKeys"
    pair: tuple[str, str] | None = _PAIR
    by_id: bool = False
    tag: str = "tag_resource"
    untag: str = "untag_resource"


_BUCKET = "aws:s3/bucket:Bucket"
_LAMBDA = _Tagging("lambda", of="Resource", pair=None)
_ALARM = _Tagging("cloudwatch", of="ResourceARN")
_API = _Tagging("apigatewayv2", pair=None)
_BACKUP = _Tagging("backup", pair=None, names="TagKeyList")
_STATES = _Tagging("stepfunctions", "resourceArn", "tags", "tagKeys", ("key", "value"))

_TAGGING = {
    "aws:apigatewayv2/api:Api": _API,
    "aws:apigatewayv2/stage:Stage": _API,
    "aws:backup/plan:Plan": _BACKUP,
    "aws:backup/vault:Vault": _BACKUP,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _ALARM,
    "aws:cloudwatch/eventRule:EventRule": _Tagging("events", of="ResourceARN"),
    "aws:cloudwatch/logGroup:LogGroup": _Tagging("logs", "resourceArn", "tags", "tagKeys", None),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _ALARM,
    "aws:cognito/userPool:UserPool": _Tagging("cognito-idp", pair=None),
    "aws:dynamodb/table:Table": _Tagging("dynamodb"),
    "aws:iam/role:Role": _Tagging(
        "iam", of="RoleName", by_id=True, tag="tag_role", untag="untag_role"
    ),
    "aws:kms/key:Key": _Tagging("kms", of="KeyId", pair=("TagKey", "TagValue"), by_id=True),
    "aws:lambda/eventSourceMapping:EventSourceMapping": _LAMBDA,
    "aws:lambda/function:Function": _LAMBDA,
    "aws:secretsmanager/secret:Secret": _Tagging("secretsmanager", of="SecretId", by_id=True),
    "aws:sfn/stateMachine:StateMachine": _STATES,
    "aws:sns/topic:Topic": _Tagging("sns"),
    "aws:sqs/queue:Queue": _Tagging(
        "sqs", of="QueueUrl", pair=None, by_id=True, tag="tag_queue", untag="untag_queue"
    ),
}


def change_tags(
    clients: Clients, type_: str, resource_id: str, held: Properties, declared: Tags
) -> None:
    """Tag and untag a resource, so that it has the declared tags.

    held: what is read of it: its `arn`, and its tags of before.
    """
    if type_ == _BUCKET:  # all tags at once
        tags = {"TagSet": key_values(dict(declared))}
        clients("s3").put_bucket_tagging(Bucket=resource_id, Tagging=tags)
        return
    how = _TAGGING[type_]
    before: Tags = held.get("tags") or {}
    client = clients(how.service)
    resource = {how.of: resource_id if how.by_id else held["arn"]}
    if removed := sorted(before.keys() - declared.keys()):
        getattr(client, how.untag)(**resource, **{how.names: removed})
    if added := {name: text for name, text in declared.items() if before.get(name) != text}:
        tags = key_values(added, *how.pair) if how.pair else added
        getattr(client, how.tag)(**resource, **{how.tags: tags})
