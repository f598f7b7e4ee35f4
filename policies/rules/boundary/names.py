"""Names without an ARN: a property that names another resource names a declared one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from policies import deployment_program
from policies.policy import stack_policy
from policies.rules.boundary.own import STACK_REFERENCE, Own, judged_texts
from policies.stack import resource_types
from policies.stack.references import Text
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.unknown_reads import read_once

_BY_KEY = {
    # a property, a dimension of a metric, an argument in a definition, an environment variable
    "bucket": resource_types.BUCKET,
    "bucketname": resource_types.BUCKET,
    "streamname": "aws:kinesis/stream:Stream",
    "backupvaultname": resource_types.BACKUP_VAULT,
    "targetvaultname": resource_types.BACKUP_VAULT,
    "functionname": resource_types.FUNCTION,
    "loggroup": resource_types.LOG_GROUP,
    "loggroupname": resource_types.LOG_GROUP,
    "loggroupnames": resource_types.LOG_GROUP,
    "loggroups": resource_types.LOG_GROUP,
    "queuename": resource_types.QUEUE,
    "rolename": resource_types.ROLE,
    "rulename": resource_types.EVENT_RULE,
    "secretname": resource_types.SECRET,
    "statemachinename": resource_types.MACHINE,
    "tablename": resource_types.TABLE,
    "topicname": resource_types.TOPIC,
}
"""The end of a key, in lower case and without _ -> the type of the resource that it names."""

_BY_PROPERTY = {
    (resource_types.EVENT_TARGET, "rule"): resource_types.EVENT_RULE,
    (resource_types.PERMISSION, "function"): resource_types.FUNCTION,
    (resource_types.ROLE_POLICY, "role"): resource_types.ROLE,
    (resource_types.ROLE_POLICY_ATTACHMENT, "role"): resource_types.ROLE,
}
"""(type, property) -> the type of the resource that it names."""

_OWN_NAMES = frozenset({(resource_types.BACKUP_PLAN, "ruleName")})
"""(type, property) of parts that a resource names itself."""

_BUSES = ("eventbusname", "defaulteventbusname")
_WITH_ENVIRONMENT = (resource_types.ALARM, resource_types.FUNCTION)
_WITH_QUALIFIER = (
    resource_types.INVOKE_CONFIG,
    resource_types.PERMISSION,
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
)
_ALARMS = re.compile(r"\(\s*\"?([^\s\"()]+)\"?\s*\)")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXPRESSION = re.compile(r"\{%|\$|arn:|.*://")
"""A value that is computed at run time, or that `boundary-own-references` judges."""


@stack_policy(
    "boundary-declared-names",
    risk="An alarm, query, event or grant names what is not there: it never fires, or it reaches"
    " somebody else's resource of that name.",
    fix="Take the name from the resource that it means; declare the resource if it is missing.",
    source="CloudWatch User Guide: alarms on metrics that do not exist stay INSUFFICIENT_DATA",
)
def declared_names(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """A name of a function, table, queue, topic, log group, rule or role is a declared one."""
    names = _Names(Own.of(graph))
    for resource in graph.resources:
        key = ""
        for text in judged_texts(resource):
            if not text.is_key:
                # In a dashboard's list of a metric, a dimension's name comes before its value.
                before, key = key, text.value
                place = text.path[-2] if text.path[-1].isdigit() else text.path[-1]
                for problem in names.problems(resource, text, place, before):
                    yield resource, f"{'.'.join(text.path)}: {problem}"
        if resource.type in _WITH_QUALIFIER:
            yield from ((resource, each) for each in names.qualifier_problems(resource))


@dataclass(frozen=True)
class _Names:
    """The names that a stack declares."""

    own: Own

    @read_once
    def by_type(self) -> dict[str, set[str]]:
        """Type -> the names of its resources."""
        found: dict[str, set[str]] = {}
        for resource in self.own.graph.resources:
            for name in ("name", "alarmName", "bucket"):
                value = resource.read(name)
                if isinstance(value, str):
                    found.setdefault(resource.type, set()).add(value)
        return found

    def problems(self, resource: Resource, text: Text, key: str, before: str) -> Iterator[str]:
        """What is wrong with the names in one string."""
        if _EXPRESSION.match(text.value) or not text.value:
            return
        if (resource.type, key) in _OWN_NAMES:
            return
        if text.path[0] in ("alarmRule", "actionsSuppressor"):
            alarms = self._names(resource_types.ALARM, resource_types.COMPOSITE_ALARM)
            found = _ALARMS.findall(text.value) if key == "alarmRule" else [text.value]
            for name in found:
                if not name.startswith("arn:"):
                    yield from _unless_declared(name, alarms)
            return
        is_value = text.path[-1].isdigit() and before.lower() in _BY_KEY
        for place in (before, key) if is_value else (key,):
            simple = place.replace("_", "").lower()
            type_ = _BY_PROPERTY.get((resource.type, text.path[0])) or _type_at(simple)
            if type_:
                for name in text.value.split(","):
                    yield from self._name_problems(resource, type_, name.strip())
                return
            yield from self._id_problems(resource, text, simple)
        if text.value.startswith("alias/") and not text.value.startswith("alias/aws/"):
            yield from self._name_problems(resource, resource_types.KEY_ALIAS, text.value)

    def _id_problems(self, resource: Resource, text: Text, key: str) -> Iterator[str]:
        """What is wrong with an id, a bus or an environment at a key."""
        value = text.value
        if key in _BUSES and value != "default":
            yield f"{value} is another event bus than the account's `default`"
        if key == "environment" and resource.type in _WITH_ENVIRONMENT:
            yield from _unless_declared(value, {resource.stack})
        if resource.type == STACK_REFERENCE and not self.own.is_stack(value):
            yield (
                f"{value} is a stack of another environment or organization, and the configuration"
                " does not name it"
            )
        if key == "userpoolid" and not self.own.is_pool(value):
            yield f"{value} is not the stack's user pool"
        if key == "audiences" and not self.own.is_client(value, resource, text.path[0]):
            yield f"{value} is no client of the stack's user pool"
        if key == "apiid" and not self.own.is_api(value):
            yield f"{value} is no API of the stack"
        if key.endswith("keyid") and _UUID.fullmatch(value) and not self.own.is_key(value):
            yield f"{value} is no key of the stack"

    def qualifier_problems(self, resource: Resource) -> Iterator[str]:
        """A permission or setting is for a declared alias, or for a version."""
        function = resource.read("functionName") or resource.read("function")
        qualifier = resource.read("qualifier")
        if isinstance(qualifier, str) and isinstance(function, str) and not qualifier.isdigit():
            aliases = {
                str(each.read("name"))
                for each in self.own.graph.of(resource_types.FUNCTION_ALIAS)
                if each.read("functionName") == _function_name(function)
            }
            yield from (f"qualifier: {each}" for each in _unless_declared(qualifier, aliases))

    def _names(self, *types: str) -> set[str]:
        return {name for type_ in types for name in self.by_type.get(type_, ())}

    def _name_problems(self, resource: Resource, type_: str, name: str) -> Iterator[str]:
        if type_ == resource_types.FUNCTION:
            name = _function_name(name)
        named = Resource(type_, "", name, {"name": name}, protect=False, provider={})
        arn = self.own.graph.arn(named) or ""
        if not deployment_program.may_name(resource, arn):
            yield from _unless_declared(name, self._names(type_))


def _function_name(text: str) -> str:
    """The name in a function's name, partial ARN or ARN, each with or without a qualifier."""
    return text.rpartition(":function:")[2].partition(":")[0]


def _type_at(key: str) -> str | None:
    return next((type_ for end, type_ in _BY_KEY.items() if key.endswith(end)), None)


def _unless_declared(name: str, names: set[str]) -> Iterator[str]:
    if name not in names:
        near = get_close_matches(name, sorted(names), n=1)
        yield f"the stack declares no {name}" + (f", but {near[0]}" if near else "")
