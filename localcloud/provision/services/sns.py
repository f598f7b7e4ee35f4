"""Topics, their policies and their subscriptions."""

import json

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    from_api,
    from_key_values,
    key_values,
    to_api,
)

_TOPIC = {"displayName": "DisplayName", "kmsMasterKeyId": "KmsMasterKeyId", "policy": "Policy"}
_SUBSCRIPTION = {
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "redrivePolicy": "RedrivePolicy",
}


def create_topic(clients: Clients, declared: Properties) -> str:
    """CreateTopic."""
    return clients("sns").create_topic(
        Name=declared["name"],
        Attributes=to_api(declared, _TOPIC),
        Tags=key_values(declared.get("tags", {})),
    )["TopicArn"]


def update_topic(clients: Clients, arn: str, declared: Properties, old: Properties) -> None:
    """SetTopicAttributes; an attribute that is not declared any more becomes empty."""
    attributes, before = to_api(declared, _TOPIC), to_api(old, _TOPIC)
    for name in attributes | before:
        if attributes.get(name) != before.get(name):
            clients("sns").set_topic_attributes(
                TopicArn=arn, AttributeName=name, AttributeValue=attributes.get(name, "")
            )


def delete_topic(clients: Clients, arn: str, _declared: Properties) -> None:
    """DeleteTopic."""
    clients("sns").delete_topic(TopicArn=arn)


def read_topic(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """GetTopicAttributes and the topic's tags."""
    sns = clients("sns")
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    return {
        **from_api(attributes, _TOPIC),
        "name": attributes["TopicArn"].rpartition(":")[2],
        "arn": attributes["TopicArn"],
        "owner": attributes["Owner"],
        "tags": from_key_values(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]),
    }


def create_topic_policy(clients: Clients, declared: Properties) -> str:
    """SetTopicAttributes."""
    clients("sns").set_topic_attributes(
        TopicArn=declared["arn"], AttributeName="Policy", AttributeValue=declared["policy"]
    )
    return declared["arn"]


def update_topic_policy(
    clients: Clients, _arn: str, declared: Properties, _old: Properties
) -> None:
    """SetTopicAttributes."""
    create_topic_policy(clients, declared)


def delete_topic_policy(clients: Clients, arn: str, _declared: Properties) -> None:
    """SetTopicAttributes with AWS's default policy, which allows the topic's account."""
    account = arn.split(":")[4]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    create_topic_policy(clients, {"arn": arn, "policy": policy})


def read_topic_policy(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """The policy in GetTopicAttributes."""
    attributes = clients("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return {"arn": attributes["TopicArn"], "policy": attributes["Policy"]}


def create_subscription(clients: Clients, declared: Properties) -> str:
    """Subscribe."""
    raw = {"RawMessageDelivery": "true"} if declared.get("rawMessageDelivery") else {}
    return clients("sns").subscribe(
        TopicArn=declared["topic"],
        Protocol=declared["protocol"],
        Endpoint=declared["endpoint"],
        Attributes={**to_api(declared, _SUBSCRIPTION), **raw},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]


def update_subscription(clients: Clients, arn: str, declared: Properties, _old: Properties) -> None:
    """SetSubscriptionAttributes."""
    attributes = {field: declared.get(name, "{}") for name, field in _SUBSCRIPTION.items()}
    attributes["FilterPolicyScope"] = declared.get("filterPolicyScope", "MessageAttributes")
    attributes["RawMessageDelivery"] = "true" if declared.get("rawMessageDelivery") else "false"
    for name, value in attributes.items():
        clients("sns").set_subscription_attributes(
            SubscriptionArn=arn, AttributeName=name, AttributeValue=value
        )


def delete_subscription(clients: Clients, arn: str, _declared: Properties) -> None:
    """Unsubscribe."""
    clients("sns").unsubscribe(SubscriptionArn=arn)


def read_subscription(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """GetSubscriptionAttributes."""
    attributes = clients("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return {
        **from_api(attributes, _SUBSCRIPTION),
        "arn": attributes["SubscriptionArn"],
        "topic": attributes["TopicArn"],
        "protocol": attributes["Protocol"],
        "endpoint": attributes["Endpoint"],
        "rawMessageDelivery": attributes["RawMessageDelivery"] == "true",
        "pendingConfirmation": attributes["PendingConfirmation"] == "true",
    }
