"""Dependencies: a computed name or ARN has none, so `depends_on` has to declare it."""

import json
import re
from collections.abc import Iterator

from policies.policy import stack_policy
from policies.stack import resource_types
from policies.stack.invocations import invoked_function
from policies.stack.resource_graph import Resource, ResourceGraph, strings
from policies.stack.resource_policies import KEY_INPUTS
from policies.stack.roles import grants_of, policies_of, role_of

_DEPENDENT_TYPES = (
    resource_types.ALARM,
    resource_types.COMPOSITE_ALARM,
    resource_types.EVENT_TARGET,
    resource_types.FUNCTION,
    resource_types.MACHINE,
    resource_types.PERMISSION,
    resource_types.STAGE,
    resource_types.SUBSCRIPTION,
    resource_types.EVENT_SOURCE_MAPPING,
)
"""Types that fail while a resource that they name does not exist. (Policies do not.)"""

_USED_BY_CALLER = (resource_types.FUNCTION, resource_types.SECRET, resource_types.TABLE)
"""Types that use their key with the permissions of whoever creates them."""

_TYPES_BY_NAME = (resource_types.LOG_GROUP, resource_types.TABLE)
"""Types that others also name without an ARN; no other string equals such a name."""

_ARN = re.compile(r"arn:aws:[\w-]+:[\w-]*:\d*:[\w+=,.@/:-]+")


@stack_policy(
    "stack-waits-for-what-it-names",
    risk="A deployment fails the first time, because it creates resources in the wrong order.",
    fix="Add depends_on: on the named resource, or in a circle on what is invoked last.",
    source="design: Known before it exists; Pulumi docs: dependsOn",
)
def waits_for_what_it_names(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every resource depends on the resources that it names."""
    for resource in graph.of(*_DEPENDENT_TYPES):
        for named in _named(graph, resource):
            if named is resource or graph.reaches(resource, named):
                continue
            if not graph.reaches(named, resource):
                yield resource, f"it names {named.name} and may be created before it"
                continue
            # A circle: the function names a resource that depends on it. Then its callers wait.
            for caller in _callers(graph, resource):
                if not graph.reaches(caller, named):
                    yield caller, f"it may call {resource.name} before {named.name} exists"


def _named(graph: ResourceGraph, resource: Resource) -> Iterator[Resource]:
    by_name = {each.read("name"): each for each in graph.of(*_TYPES_BY_NAME)}
    found: dict[str, Resource] = {}
    for path, text in strings(resource.props):
        texts = [text]
        if path == "definition":
            texts += [inner for _, inner in strings(json.loads(text))]
        for each in texts:
            if each in by_name:
                found[by_name[each].urn] = by_name[each]
            for arn in _ARN.findall(each):
                named = graph.arns.get(arn.removesuffix(":"))
                if named:
                    found[named.urn] = named
    yield from found.values()


def _callers(graph: ResourceGraph, function: Resource) -> Iterator[Resource]:
    for target in graph.of(resource_types.EVENT_TARGET):
        if invoked_function(graph, target, "arn") is function:
            yield target
    for route in graph.of(resource_types.ROUTE):
        integration = graph.source(route, "target", resource_types.INTEGRATION)
        if integration and invoked_function(graph, integration, "integrationUri") is function:
            yield route


@stack_policy(
    "stack-waits-for-permissions",
    risk="AWS refuses to create a function or state machine, or it runs before it is allowed to.",
    fix="Add depends_on: on the role's policy, the key's alias, the policies of topic and queue.",
    source="design: Known before it exists; aws-traps: IAM",
)
def waits_for_permissions(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Policies, key aliases and failure destinations exist before what needs them."""
    aliases = {alias.read("name"): alias for alias in graph.of(resource_types.KEY_ALIAS)}
    for holder in graph.of(resource_types.FUNCTION, resource_types.MACHINE):
        role = role_of(graph, holder)
        if role is None:
            continue
        needed = policies_of(graph, role)
        for statement in grants_of(graph, role):
            for name in statement.condition("kms:ResourceAliases", "ForAnyValue:StringEquals"):
                if name in aliases and aliases[name] not in needed:
                    needed.append(aliases[name])
        for each in needed:
            if not graph.reaches(holder, each):
                yield holder, f"it may be created before {each.name}"
    for user, needed_first in [
        *_users_of_topics(graph),
        *_users_of_queues(graph),
        *_users_of_keys(graph),
        *_invokers_of_functions(graph),
    ]:
        if not graph.reaches(user, needed_first):
            yield user, f"it may be created before {needed_first.name}"


def _users_of_keys(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    """CI's roles may use a new key by its alias only."""
    for alias in graph.of(resource_types.KEY_ALIAS):
        key = graph.source(alias, "targetKeyId", resource_types.KEY)
        for user in graph.of(*_USED_BY_CALLER):
            if key and graph.source(user, KEY_INPUTS[user.type][0], resource_types.KEY) is key:
                yield user, alias


def _invokers_of_functions(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    """A failed event is lost until the function's failure destination exists."""
    for config in graph.of(resource_types.INVOKE_CONFIG):
        function = graph.named(resource_types.FUNCTION, config.read("functionName"))
        for target in graph.of(resource_types.EVENT_TARGET):
            if function and invoked_function(graph, target, "arn") is function:
                yield target, config


def _users_of_topics(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    for policy in graph.of(resource_types.TOPIC_POLICY):
        topic = graph.source(policy, "arn", resource_types.TOPIC) or graph.arns.get(
            str(policy.read("arn"))
        )
        arn = graph.arn(topic) if topic else None
        for user in graph.of(
            resource_types.ALARM, resource_types.COMPOSITE_ALARM, resource_types.MACHINE
        ):
            named = any(arn and arn in text for _, text in strings(user.props))
            if named or (topic and any(topic.urn in urns for urns in user.sources.values())):
                yield user, policy


def _users_of_queues(graph: ResourceGraph) -> Iterator[tuple[Resource, Resource]]:
    for policy in graph.of(resource_types.QUEUE_POLICY):
        queue = graph.source(policy, "queueUrl", resource_types.QUEUE)
        for target in graph.of(resource_types.EVENT_TARGET):
            if queue and queue.urn in target.sources.get("deadLetterConfig", ()):
                yield target, policy
