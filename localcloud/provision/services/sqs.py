"""Queues and their policies."""

from localcloud.provision.provisioner import Clients, Properties

_TEXTS = {"kmsMasterKeyId": "KmsMasterKeyId", "policy": "Policy", "redrivePolicy": "RedrivePolicy"}
_NUMBERS = {
    "delaySeconds": "DelaySeconds",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_SWITCHES = {"fifoQueue": "FifoQueue", "sqsManagedSseEnabled": "SqsManagedSseEnabled"}
_ATTRIBUTES = {**_TEXTS, **_NUMBERS, **_SWITCHES}


def create_queue(clients: Clients, declared: Properties) -> str:
    """CreateQueue."""
    return clients("sqs").create_queue(
        QueueName=declared["name"],
        Attributes=_attributes(declared),
        tags=declared.get("tags", {}),
    )["QueueUrl"]


def update_queue(clients: Clients, url: str, declared: Properties, _old: Properties) -> None:
    """SetQueueAttributes."""
    attributes = _attributes({n: v for n, v in declared.items() if n != "fifoQueue"})
    clients("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)


def delete_queue(clients: Clients, url: str, _declared: Properties) -> None:
    """DeleteQueue."""
    clients("sqs").delete_queue(QueueUrl=url)


def read_queue(clients: Clients, url: str, _declared: Properties) -> Properties:
    """GetQueueAttributes and the queue's tags."""
    sqs = clients("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        **{name: attributes.get(field) for name, field in _TEXTS.items()},
        **{name: int(attributes[field]) for name, field in _NUMBERS.items() if field in attributes},
        **{name: attributes.get(field) == "true" for name, field in _SWITCHES.items()},
        "name": attributes["QueueArn"].rpartition(":")[2],
        "arn": attributes["QueueArn"],
        "url": url,
        "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


def create_queue_policy(clients: Clients, declared: Properties) -> str:
    """SetQueueAttributes."""
    clients("sqs").set_queue_attributes(
        QueueUrl=declared["queueUrl"], Attributes={"Policy": declared["policy"]}
    )
    return declared["queueUrl"]


def update_queue_policy(
    clients: Clients, _url: str, declared: Properties, _old: Properties
) -> None:
    """SetQueueAttributes."""
    create_queue_policy(clients, declared)


def delete_queue_policy(clients: Clients, url: str, _declared: Properties) -> None:
    """SetQueueAttributes, without a policy."""
    clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def read_queue_policy(clients: Clients, url: str, _declared: Properties) -> Properties:
    """The policy in GetQueueAttributes."""
    attributes = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return {"queueUrl": url, "policy": attributes["Attributes"]["Policy"]}


def _attributes(declared: Properties) -> dict[str, str]:
    """Every attribute is a text to SQS."""
    return {
        field: value if isinstance(value, str) else str(value).lower()
        for name, field in _ATTRIBUTES.items()
        if (value := declared.get(name)) is not None
    }
