"""The stack as a whole: a computed string carries no dependency, so each needs its edge."""

import json
import re
from collections.abc import Iterator

from policies import resource_types
from policies.policy import stack_policy
from policies.resource_graph import Graph, Resource, strings
from policies.rules.iam import grants_of, policies_of, role_of
from policies.rules.resilience import behind

_CONSUMERS = (
    *[
        resource_types.ALARM,
        resource_types.COMPOSITE_ALARM,
        resource_types.EVENT_TARGET,
        resource_types.FUNCTION,
        resource_types.MACHINE,
    ],
    *[
        resource_types.PERMISSION,
        resource_types.STAGE,
        resource_types.SUBSCRIPTION,
        resource_types.EVENT_SOURCE_MAPPING,
    ],
)
"""What fails, or is wrong, while something that it names is not there. Policies may come first."""

_NAMED_PLAINLY = (resource_types.LOG_GROUP, resource_types.TABLE)
"""Types that are also named without an ARN, by a name that means nothing else."""

_ARN = re.compile(r"arn:aws:[\w-]+:[\w-]*:\d*:[\w+=,.@/:-]+")


@stack_policy(
    "stack-waits-for-what-it-names",
    protects="A deployment that fails, or works only the second time, for it made things in the"
    " wrong order.",
    fix="Add depends_on: the resource that is named, or in a circle whatever is invoked last.",
    source="design: Known before it exists; Pulumi docs: dependsOn",
)
def waits_for_what_it_names(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Every computed name or ARN has its edge."""
    for resource in graph.of(*_CONSUMERS):
        for named in _named(graph, resource):
            if named is resource or graph.reaches(resource, named):
                continue
            if not graph.reaches(named, resource):
                yield resource, f"names {named.name} and may be made before it"
                continue
            # A circle: the function tells what is made after it. Then those who call it wait.
            for caller in _callers(graph, resource):
                if not graph.reaches(caller, named):
                    yield caller, f"calls {resource.name}, which needs {named.name}, before that"


def _named(graph: Graph, resource: Resource) -> Iterator[Resource]:
    plain = {each.read("name"): each for each in graph.of(*_NAMED_PLAINLY)}
    found: dict[str, Resource] = {}
    for path, text in strings(resource.props):
        texts = [text]
        if path == "definition":
            texts += [inner for _, inner in strings(json.loads(text))]
        for each in texts:
            if each in plain:
                found[plain[each].urn] = plain[each]
            for arn in _ARN.findall(each):
                named = graph.arns.get(arn.removesuffix(":"))
                if named:
                    found[named.urn] = named
    yield from found.values()


def _callers(graph: Graph, function: Resource) -> Iterator[Resource]:
    for target in graph.of(resource_types.EVENT_TARGET):
        if behind(graph, target, "arn") is function:
            yield target
    for route in graph.of(resource_types.ROUTE):
        integration = graph.source(route, "target", resource_types.INTEGRATION)
        if integration and behind(graph, integration, "integrationUri") is function:
            yield route


@stack_policy(
    "stack-waits-for-permissions",
    protects="A function or machine that AWS refuses to make, or that runs too soon.",
    fix="Add depends_on: the role's policy, the key's alias, the policies of topic and queue.",
    source="design: Known before it exists; aws-traps: IAM",
)
def waits_for_permissions(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Policies are attached before their holder is made or called."""
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
                yield holder, f"may be made before {each.name}"
    for user, policy in [*_users_of_topics(graph), *_users_of_queues(graph)]:
        if not graph.reaches(user, policy):
            yield user, f"may be made before {policy.name}"


def _users_of_topics(graph: Graph) -> Iterator[tuple[Resource, Resource]]:
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


def _users_of_queues(graph: Graph) -> Iterator[tuple[Resource, Resource]]:
    for policy in graph.of(resource_types.QUEUE_POLICY):
        queue = graph.source(policy, "queueUrl", resource_types.QUEUE)
        for target in graph.of(resource_types.EVENT_TARGET):
            if queue and queue.urn in target.sources.get("deadLetterConfig", ()):
                yield target, policy
