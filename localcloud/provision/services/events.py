"""EventBridge rules and their targets."""

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_api,
    from_key_values,
    key_values,
    to_api,
    uncapitalised,
)

_RULE = {
    "name": "Name",
    "description": "Description",
    "scheduleExpression": "ScheduleExpression",
    "eventPattern": "EventPattern",
    "eventBusName": "EventBusName",
    "roleArn": "RoleArn",
    "state": "State",
}
_TARGET = {"targetId": "Id", "arn": "Arn", "roleArn": "RoleArn", "input": "Input"}
_NESTED_IN_TARGET = {"retryPolicy": "RetryPolicy", "deadLetterConfig": "DeadLetterConfig"}


def create_rule(clients: Clients, declared: Properties) -> str:
    """PutRule."""
    clients("events").put_rule(**to_api(declared, _RULE), Tags=key_values(declared.get("tags", {})))
    return declared["name"]


def update_rule(clients: Clients, _name: str, declared: Properties, _old: Properties) -> None:
    """PutRule, which ignores the tags of an existing rule."""
    clients("events").put_rule(**to_api(declared, _RULE))


def delete_rule(clients: Clients, name: str, declared: Properties) -> None:
    """DeleteRule."""
    clients("events").delete_rule(Name=name, **_bus(declared))


def read_rule(clients: Clients, name: str, declared: Properties) -> Properties:
    """DescribeRule and the rule's tags."""
    events = clients("events")
    rule = events.describe_rule(Name=name, **_bus(declared))
    return {
        **from_api(rule, _RULE),
        "arn": rule["Arn"],
        "tags": from_key_values(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]),
    }


def create_target(clients: Clients, declared: Properties) -> str:
    """PutTargets; the id is `rule-target`, as the provider's."""
    target = to_api(declared, _TARGET) | capitalised(to_api(declared, _NESTED_IN_TARGET))
    answer = clients("events").put_targets(
        Rule=declared["rule"], Targets=[target], **_bus(declared)
    )
    if answer["FailedEntryCount"]:
        raise ValueError(f"PutTargets refuses {declared['targetId']}: {answer['FailedEntries']}")
    return f"{declared['rule']}-{declared['targetId']}"


def update_target(clients: Clients, _id: str, declared: Properties, _old: Properties) -> None:
    """PutTargets."""
    create_target(clients, declared)


def delete_target(clients: Clients, _target_id: str, declared: Properties) -> None:
    """RemoveTargets."""
    clients("events").remove_targets(
        Rule=declared["rule"], Ids=[declared["targetId"]], **_bus(declared)
    )


def read_target(clients: Clients, _target_id: str, declared: Properties) -> Properties:
    """The target in ListTargetsByRule."""
    targets = clients("events").list_targets_by_rule(Rule=declared["rule"], **_bus(declared))
    target = next(each for each in targets["Targets"] if each["Id"] == declared["targetId"])
    return {
        **from_api(target, _TARGET),
        **uncapitalised(from_api(target, _NESTED_IN_TARGET)),
        "rule": declared["rule"],
        "eventBusName": declared.get("eventBusName", "default"),
    }


def _bus(declared: Properties) -> dict[str, str]:
    return {"EventBusName": declared["eventBusName"]} if declared.get("eventBusName") else {}
