"""How Lambda functions are invoked: concurrency, asynchronous invocations, event sources."""

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    capitalised,
    from_api,
    to_api,
    uncapitalised,
)

_MAPPING = {
    "eventSourceArn": "EventSourceArn",
    "functionName": "FunctionName",
    "batchSize": "BatchSize",
    "maximumBatchingWindowInSeconds": "MaximumBatchingWindowInSeconds",
    "functionResponseTypes": "FunctionResponseTypes",
    "enabled": "Enabled",
}


def create_provisioned_concurrency(clients: Clients, declared: Properties) -> str:
    """PutProvisionedConcurrencyConfig."""
    clients("lambda").put_provisioned_concurrency_config(
        FunctionName=declared["functionName"],
        Qualifier=declared["qualifier"],
        ProvisionedConcurrentExecutions=declared["provisionedConcurrentExecutions"],
    )
    return f"{declared['functionName']},{declared['qualifier']}"


def update_provisioned_concurrency(
    clients: Clients, _id: str, declared: Properties, _old: Properties
) -> None:
    """PutProvisionedConcurrencyConfig."""
    create_provisioned_concurrency(clients, declared)


def delete_provisioned_concurrency(clients: Clients, _id: str, declared: Properties) -> None:
    """DeleteProvisionedConcurrencyConfig."""
    clients("lambda").delete_provisioned_concurrency_config(
        FunctionName=declared["functionName"], Qualifier=declared["qualifier"]
    )


def read_provisioned_concurrency(clients: Clients, _id: str, declared: Properties) -> Properties:
    """GetProvisionedConcurrencyConfig."""
    where = {"functionName": declared["functionName"], "qualifier": declared["qualifier"]}
    held = clients("lambda").get_provisioned_concurrency_config(**capitalised(where))
    requested = held["RequestedProvisionedConcurrentExecutions"]
    return {**where, "provisionedConcurrentExecutions": requested}


def create_invoke_config(clients: Clients, declared: Properties) -> str:
    """PutFunctionEventInvokeConfig."""
    clients("lambda").put_function_event_invoke_config(**capitalised(declared))
    return ":".join(filter(None, (declared["functionName"], declared.get("qualifier"))))


def update_invoke_config(
    clients: Clients, _id: str, declared: Properties, _old: Properties
) -> None:
    """PutFunctionEventInvokeConfig."""
    create_invoke_config(clients, declared)


def delete_invoke_config(clients: Clients, _id: str, declared: Properties) -> None:
    """DeleteFunctionEventInvokeConfig."""
    where = {name: declared[name] for name in ("functionName", "qualifier") if declared.get(name)}
    clients("lambda").delete_function_event_invoke_config(**capitalised(where))


def read_invoke_config(clients: Clients, _id: str, declared: Properties) -> Properties:
    """GetFunctionEventInvokeConfig."""
    where = {name: declared[name] for name in ("functionName", "qualifier") if declared.get(name)}
    held = clients("lambda").get_function_event_invoke_config(**capitalised(where))
    held.pop("ResponseMetadata")
    held.pop("LastModified")
    return {**where, **uncapitalised(held)}


def create_event_source_mapping(clients: Clients, declared: Properties) -> str:
    """CreateEventSourceMapping."""
    scaling = capitalised(to_api(declared, {"scalingConfig": "ScalingConfig"}))
    return clients("lambda").create_event_source_mapping(
        **to_api(declared, _MAPPING), **scaling, Tags=declared.get("tags", {})
    )["UUID"]


def update_event_source_mapping(
    clients: Clients, uuid: str, declared: Properties, _old: Properties
) -> None:
    """UpdateEventSourceMapping."""
    changed = to_api({"enabled": True, **declared}, _MAPPING)
    del changed["EventSourceArn"]
    scaling = capitalised(to_api(declared, {"scalingConfig": "ScalingConfig"}))
    clients("lambda").update_event_source_mapping(UUID=uuid, **changed, **scaling)


def delete_event_source_mapping(clients: Clients, uuid: str, _declared: Properties) -> None:
    """DeleteEventSourceMapping."""
    clients("lambda").delete_event_source_mapping(UUID=uuid)


def read_event_source_mapping(clients: Clients, uuid: str, _declared: Properties) -> Properties:
    """GetEventSourceMapping; AWS returns the function's ARN, in whatever form it was declared."""
    functions = clients("lambda")
    held = functions.get_event_source_mapping(UUID=uuid)
    held["FunctionName"] = held["FunctionArn"]
    held["Enabled"] = held["State"] in ("Creating", "Enabling", "Enabled")
    arn = held["EventSourceMappingArn"]
    return {
        **from_api(held, _MAPPING),
        **uncapitalised(from_api(held, {"scalingConfig": "ScalingConfig"})),
        "arn": arn,
        "uuid": uuid,
        "functionArn": held["FunctionArn"],
        "state": held["State"],
        "tags": functions.list_tags(Resource=arn)["Tags"],
    }
