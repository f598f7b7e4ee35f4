"""Which resource a dimension's value names."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from policies.deployment_program import WORKFLOW
from policies.rules.alarms.own_metrics import STACK_DIMENSION, VALUES
from policies.stack import resource_types
from policies.stack.metrics import Metric
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph, strings

_BY_NAME: Mapping[str, tuple[str, str]] = {
    "FunctionName": (resource_types.FUNCTION, "name"),
    "TableName": (resource_types.TABLE, "name"),
    "QueueName": (resource_types.QUEUE, "name"),
    "TopicName": (resource_types.TOPIC, "name"),
    "RuleName": (resource_types.EVENT_RULE, "name"),
    "LogGroupName": (resource_types.LOG_GROUP, "name"),
    "ApiName": ("aws:apigateway/restApi:RestApi", "name"),
    "EventBusName": ("aws:cloudwatch/eventBus:EventBus", "name"),
    "BackupVaultName": (resource_types.BACKUP_VAULT, "name"),
    "Stage": (resource_types.STAGE, "name"),
    "Alias": (resource_types.MACHINE_ALIAS, "name"),
}
"""Dimension -> the type and the input that names the resource."""

_BY_ARN = {
    "StateMachineArn": resource_types.MACHINE,
    "LambdaFunctionArn": resource_types.FUNCTION,
}

_BY_ID = {
    "ApiId": resource_types.API,
    "UserPool": resource_types.USER_POOL,
    "UserPoolClient": resource_types.USER_POOL_CLIENT,
}
"""Dimensions whose values AWS generates."""

_OPERATION_NAMES = (
    "BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement"
    " ExecuteTransaction GetItem GetRecords PutItem Query Scan TransactGetItems TransactWriteItems"
    " UpdateItem"
)
_OPERATIONS = frozenset(_OPERATION_NAMES.split())
"""Values of DynamoDB's dimension Operation."""


def wrong_dimensions(graph: ResourceGraph, resource: Resource, metric: Metric) -> Iterator[str]:
    """The dimensions of a metric, read by a resource, that name nothing of the stack."""
    for name, value in metric.dimensions.items():
        wrong = _problem(graph, resource, name, value, metric)
        if wrong:
            yield f"{metric}: {name} is {value!r}: {wrong}"


def _problem(
    graph: ResourceGraph, resource: Resource, name: str, value: Any, metric: Metric
) -> str | None:
    if name in VALUES or name in (STACK_DIMENSION, "Operation", "GlobalSecondaryIndexName"):
        allowed: dict[str, frozenset[str]] = {
            STACK_DIMENSION: frozenset({resource.stack}),
            "Operation": _OPERATIONS,
            "GlobalSecondaryIndexName": _indexes(graph, metric),
            **VALUES,
        }
        return None if value in allowed[name] else f"it is {', '.join(sorted(allowed[name]))}"
    declared = _declared(graph, name, metric)
    if declared is None:
        return None
    known = {each for each, _ in declared if isinstance(each, str)}
    if value in known or _comes_from(resource, [each for _, each in declared], value, known):
        return None
    if _is_exported(graph, resource, value):
        return None
    return "the stack declares no such resource"


def _declared(graph: ResourceGraph, name: str, metric: Metric) -> list[tuple[Any, Resource]] | None:
    """(value, resource) of everything that a dimension may name; None: it may be anything."""
    if name == "Stage" and "ApiId" not in metric.dimensions:
        return None  # of a REST API
    if name in _BY_NAME:
        type_, input_ = _BY_NAME[name]
        return [(each.read(input_), each) for each in graph.of(type_)]
    if name in _BY_ARN:
        return [(graph.arn(each), each) for each in graph.of(_BY_ARN[name])]
    if name in _BY_ID:
        return [(_id(each), each) for each in graph.of(_BY_ID[name])]
    if name == "Resource" and metric.namespace == "AWS/Lambda":
        aliases = graph.of(resource_types.FUNCTION_ALIAS)
        return [(f"{each.read('functionName')}:{each.read('name')}", each) for each in aliases]
    return None


def _comes_from(resource: Resource, declared: list[Resource], value: Any, known: set[str]) -> bool:
    """Whether a value is an output, not known or not shown, of one of the declared resources."""
    sources = frozenset[str]().union(*resource.sources.values())
    return len(known) < len(declared) and any(
        each.urn in sources and (value is UNKNOWN or _id(each) is None) for each in declared
    )


def _id(resource: Resource) -> Any:
    """A resource's id; the engine does not always show it, but the ARN ends in it."""
    arn = resource.read("arn")
    shown = arn.rpartition("/")[2] if isinstance(arn, str) else None
    return resource.read("id") or shown


def _is_exported(graph: ResourceGraph, resource: Resource, value: Any) -> bool:
    """Whether a value is made of what another stack exports, as far as this stack can see it."""
    sources = [*resource.sources.get("dimensions", ()), *resource.sources.get("metricQueries", ())]
    references = [each for each in sources if f"::{resource_types.STACK_REFERENCE}::" in each]
    seen = [graph.by_urn[each].read("outputs") for each in references if each in graph.by_urn]
    texts = [text for outputs in seen for _, text in strings(outputs)]
    if not references:
        # The engine hides a StackReference that it only reads; boundary-own-references judges ARNs.
        config: dict[str, str] = dict(pulumi.runtime.get_config_env())
        workflow = f"/{WORKFLOW}/"
        return any(key.endswith(":workflowStack") and workflow in config[key] for key in config)
    return bool(references) and (value is UNKNOWN or not texts or str(value) in "\n".join(texts))


def _indexes(graph: ResourceGraph, metric: Metric) -> frozenset[str]:
    table = graph.named(resource_types.TABLE, metric.dimensions.get("TableName"))
    indexes: Any = table.read("globalSecondaryIndexes") if table else None
    return frozenset(str(each.get("name")) for each in indexes or ())
