"""The calls of every operation of a deployment, each as IAM judges it.

An operation reads, creates, deletes or replaces a resource that a stack declares with some options,
or changes one of its properties.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from checks.least_privilege.calls import Call, context
from components.arns import Arn
from components.iam.operator_calls import ACT, LOOK
from components.iam.operator_grants import resources as arns_of
from components.names import Names
from components.settings import QUOTA_CODE, SERVICE_CODE
from declared.resources import DeclaredResource
from deployment.scopes import tags
from localcloud.provision.facts import ApiCall, DeploymentScope, TypeFacts, calls_of, facts_of
from localcloud.provision.facts.arns import filled
from policies import authorization_reference as reference

AFTER_AN_UPDATE = ("verify", "prune")
"""The operators' commands that the deploy workflow runs (.github/actions/verified)."""

BOUNDARY_KEY = "iam:PermissionsBoundary"
_ROLE = "aws:iam/role:Role"

Keys = Mapping[str, str]


def preview_calls(names: Names, resources: Sequence[DeclaredResource]) -> list[Call]:
    """What previews and refreshes call: `plan` and `read`, and the program itself.

    resources: of all variants of the stack.
    """
    scope = scope_of(names)
    found = [ApiCall("servicequotas:GetServiceQuota", _quota(names))]
    for each in resources:
        found += calls_of(each.type, "plan", each.inputs, scope, each.inputs)
        found += calls_of(each.type, "read", each.inputs, scope)
    return judged(names, "preview", found, resources)


def deploy_calls(names: Names, resources: Sequence[DeclaredResource]) -> list[Call]:
    """What previews, updates, refreshes, a destroy and the commands after an update call.

    resources: as for previews.

    A property changes to each value that some resource of the type has, none included: where one
    has it and another has not, a setting can remove it.
    """
    scope = scope_of(names)
    properties: defaultdict[str, set[str]] = defaultdict(lambda: {"tags"})
    for each in resources:
        properties[each.type] |= each.inputs.keys()
    found = [
        ApiCall(action, arn)
        for command in AFTER_AN_UPDATE
        for on, action in (LOOK | ACT)[command]
        for arn in arns_of(on, names)
    ]
    for each in resources:
        found += calls_of(each.type, "create", each.inputs, scope)
        found += calls_of(each.type, "delete", each.inputs, scope)
        for name in sorted(properties[each.type]):
            found += calls_of(each.type, "update", each.inputs, scope, [name])
    previewed = [
        Call("deploy", each.action, each.resource, each.context)
        for each in preview_calls(names, resources)
    ]
    return list(dict.fromkeys([*previewed, *judged(names, "deploy", found, resources)]))


def judged(
    names: Names,
    principal: str,
    calls: Iterable[ApiCall],
    resources: Iterable[DeclaredResource],
) -> list[Call]:
    """Each call once, with the condition keys by which AWS judges its action, and no others.

    resources: what the calls are made on. What is done with a key is judged without its alias, as
    on a first deployment, and with it.
    """
    keys = _keys(resources, scope_of(names))

    def each_way(call: ApiCall) -> Iterator[Call]:
        carried = {**_worn(call, keys), **call.keys}
        counting = {key: carried[key] for key in sorted(carried) if _counts(call, key)}
        aliases: list[Keys] = [{}]
        if ":key/" in call.resource:
            aliases.append({"kms:ResourceAliases": names.key_alias})
        for alias in aliases:
            yield Call(principal, call.action, call.resource, context({**counting, **alias}))

    once = {(each.action, each.resource, *sorted(each.keys.items())): each for each in calls}
    return list(dict.fromkeys(found for call in once.values() for found in each_way(call)))


def _worn(call: ApiCall, keys: Mapping[str, Keys]) -> dict[str, str]:
    """The condition keys of a call's resource; what a call tags may be new, and bear no tags."""
    is_tagging = any(key.startswith("aws:RequestTag/") for key in call.keys)
    return {
        key: value
        for arn, worn in keys.items()
        if fnmatchcase(call.resource, arn)
        for key, value in worn.items()
        if not (is_tagging and key.startswith("aws:ResourceTag/"))
    }


def _counts(call: ApiCall, key: str) -> bool:
    """Whether AWS judges a call by a key; roles without a boundary may be read."""
    is_reading = reference.access_level(call.action) in ("Read", "List")
    return reference.has_condition_key(call.action, key) and not (
        is_reading and key == BOUNDARY_KEY
    )


def _keys(resources: Iterable[DeclaredResource], scope: DeploymentScope) -> dict[str, Keys]:
    """The condition keys that come with a resource: its tags, and a role's boundary.

    By its ARN, which has a wildcard where AWS makes up a part.
    """
    found: dict[str, Keys] = {}
    for each in resources:
        facts = _facts(each)
        if not facts.tagged:
            continue
        worn = {**scope.tags, **each.inputs.get("tags", {})}
        keys = {f"aws:ResourceTag/{name}": value for name, value in worn.items()}
        if each.type == _ROLE:
            keys[BOUNDARY_KEY] = each.inputs["permissionsBoundary"]
        found[filled(facts.arn, facts, each.inputs, scope)] = keys
    return found


def _facts(resource: DeclaredResource) -> TypeFacts:
    facts = facts_of(resource.type)
    if facts is None:
        raise LookupError(f"{resource.type} has no facts: its calls are not known")
    return facts


def scope_of(names: Names) -> DeploymentScope:
    """Where a stack is, and the tags that its provider gives."""
    return DeploymentScope(names.account, names.region, tags(names))


def _quota(names: Names) -> str:
    """Lambda's quota, which the program reads at every preview."""
    return names.arn(Arn.QUOTA, f"{SERVICE_CODE}/{QUOTA_CODE}")
