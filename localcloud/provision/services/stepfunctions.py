"""State machines, their published versions and their aliases."""

from typing import Any

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    from_api,
    from_key_values,
    key_values,
    to_api,
)

_MACHINE = {
    "name": "name",
    "definition": "definition",
    "roleArn": "roleArn",
    "type": "type",
    "tracingConfiguration": "tracingConfiguration",
    "encryptionConfiguration": "encryptionConfiguration",
    "publish": "publish",
    "versionDescription": "versionDescription",
}
_READ_BACK = ("name", "definition", "roleArn", "type", "tracingConfiguration", "status")
_TAG = ("key", "value")


def create_machine(clients: Clients, declared: Properties) -> str:
    """CreateStateMachine."""
    logging = declared.get("loggingConfiguration")
    return clients("stepfunctions").create_state_machine(
        **to_api(declared, _MACHINE),
        **({"loggingConfiguration": _logging(logging)} if logging else {}),
        tags=key_values(declared.get("tags", {}), *_TAG),
    )["stateMachineArn"]


def update_machine(clients: Clients, arn: str, declared: Properties, old: Properties) -> None:
    """UpdateStateMachine, which publishes another version where that is declared; not for tags."""
    if {**declared, "tags": {}} == {**old, "tags": {}}:
        return
    logging = declared.get("loggingConfiguration")
    given = {name: value for name, value in declared.items() if name not in ("name", "type")}
    clients("stepfunctions").update_state_machine(
        stateMachineArn=arn,
        **to_api(given, _MACHINE),
        **({"loggingConfiguration": _logging(logging)} if logging else {}),
    )


def delete_machine(clients: Clients, arn: str, _declared: Properties) -> None:
    """DeleteStateMachine."""
    clients("stepfunctions").delete_state_machine(stateMachineArn=arn)


def read_machine(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """DescribeStateMachine, its newest version and its tags."""
    states = clients("stepfunctions")
    machine = states.describe_state_machine(stateMachineArn=arn)
    versions = states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    tags = states.list_tags_for_resource(resourceArn=arn)["tags"]
    return {
        **from_api(machine, {name: name for name in _READ_BACK}),
        "arn": machine["stateMachineArn"],
        "loggingConfiguration": _held_logging(machine.get("loggingConfiguration", {})),
        "encryptionConfiguration": machine.get("encryptionConfiguration"),
        "publish": bool(versions),
        "stateMachineVersionArn": versions[0]["stateMachineVersionArn"] if versions else None,
        "revisionId": machine.get("revisionId"),
        "creationDate": machine["creationDate"].isoformat(),
        "tags": from_key_values(tags, *_TAG),
    }


def create_alias(clients: Clients, declared: Properties) -> str:
    """CreateStateMachineAlias."""
    description = declared.get("description")
    return clients("stepfunctions").create_state_machine_alias(
        name=declared["name"],
        routingConfiguration=declared["routingConfigurations"],
        **({"description": description} if description else {}),
    )["stateMachineAliasArn"]


def update_alias(clients: Clients, arn: str, declared: Properties, _old: Properties) -> None:
    """UpdateStateMachineAlias."""
    clients("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=arn,
        description=declared.get("description", ""),
        routingConfiguration=declared["routingConfigurations"],
    )


def delete_alias(clients: Clients, arn: str, _declared: Properties) -> None:
    """DeleteStateMachineAlias."""
    clients("stepfunctions").delete_state_machine_alias(stateMachineAliasArn=arn)


def read_alias(clients: Clients, arn: str, _declared: Properties) -> Properties:
    """DescribeStateMachineAlias."""
    alias = clients("stepfunctions").describe_state_machine_alias(stateMachineAliasArn=arn)
    return {
        "arn": alias["stateMachineAliasArn"],
        "name": alias["name"],
        "description": alias.get("description", ""),
        "routingConfigurations": alias["routingConfiguration"],
    }


def _logging(declared: Properties) -> dict[str, Any]:
    group = {"logGroupArn": declared["logDestination"]}
    return {
        "level": declared["level"],
        "includeExecutionData": declared.get("includeExecutionData", False),
        "destinations": [{"cloudWatchLogsLogGroup": group}],
    }


def _held_logging(held: dict[str, Any]) -> Properties:
    destinations = held.get("destinations", [])
    group = destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"] if destinations else None
    return {
        "level": held.get("level"),
        "includeExecutionData": held.get("includeExecutionData"),
        "logDestination": group,
    }
