"""Which function an ARN, an integration, a target, a subscription or a mapping invokes."""

from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph


def function_at(graph: ResourceGraph, arn: str) -> Resource | None:
    """The function with an ARN, or with an alias of that ARN."""
    found = graph.arns.get(arn)
    if found and found.type == resource_types.FUNCTION_ALIAS:
        return graph.named(resource_types.FUNCTION, found.read("functionName"))
    return found if found and found.type == resource_types.FUNCTION else None


def invoked_function(graph: ResourceGraph, invoker: Resource, input_: str) -> Resource | None:
    """The function that an input of an invoker names, by ARN or by the resource it comes from."""
    value = invoker.read(input_)
    if isinstance(value, str):
        return function_at(graph, value)
    alias = graph.source(invoker, input_, resource_types.FUNCTION_ALIAS)
    if alias:
        return graph.named(resource_types.FUNCTION, alias.read("functionName"))
    return graph.source(invoker, input_, resource_types.FUNCTION)
