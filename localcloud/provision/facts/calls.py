"""The calls to AWS that an operation takes: action, resource and condition keys of each.

CI's roles can be computed from it: what a deployment needs is the calls of its operations.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from localcloud.provision.facts.arns import DeploymentScope, filled
from localcloud.provision.facts.model import Operation, Request, TypeFacts
from localcloud.provision.facts.reader import facts_of
from localcloud.provision.facts.values import Properties, is_given


@dataclass(frozen=True)
class ApiCall:
    """One call as IAM judges it.

    resource: an ARN, with `*` for what AWS makes up or a preview does not know.
    keys: the condition keys that the request carries, with their values; a key whose value is not
        known is left out.
    """

    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict[str, str])


def calls_of(
    type_: str,
    operation: Operation,
    inputs: Properties,
    scope: DeploymentScope,
    changed: Iterable[str] = (),
) -> list[ApiCall]:
    """What an operation on a resource calls; `create` and `update` read it afterwards.

    inputs: the resource's, the new ones for an update. changed: the top-level properties that
    differ; only for `update` and `plan`. A replacement is a `delete` and a `create`.
    Raises LookupError for a type that has no facts.
    """
    facts = facts_of(type_)
    if facts is None:
        raise LookupError(f"{type_} has no facts: write them in localcloud/provision/facts/types")
    names = {"tags" if name == "tagsAll" else name for name in changed}
    found = [
        call
        for request in facts.calls.get(operation, ())
        if _fits(facts, request, inputs, scope)
        and (operation not in ("plan", "update") or _is_due(request, names))
        for call in _calls(facts, request, inputs, scope, exists=operation != "create")
    ]
    if operation in ("create", "update"):
        found += calls_of(type_, "read", inputs, scope)
    return [call for number, call in enumerate(found) if call not in found[:number]]


def _fits(facts: TypeFacts, request: Request, inputs: Properties, scope: DeploymentScope) -> bool:
    """Whether the resource has what a request is made for."""

    def given(name: str) -> bool:
        return is_given(facts, inputs, name) or (name == "tags" and bool(scope.tags))

    return all(map(given, request.given)) and not any(map(given, request.absent))


def _is_due(request: Request, changed: set[str]) -> bool:
    """Whether a request is made for what has changed; `*` is any but tags."""
    by_any = "*" in request.changed and bool(changed - {"tags"})
    return not request.changed or by_any or bool(changed & set(request.changed))


def _calls(
    facts: TypeFacts, request: Request, inputs: Properties, scope: DeploymentScope, *, exists: bool
) -> Iterator[ApiCall]:
    filled_keys = {key: filled(form, facts, inputs, scope) for key, form in request.keys.items()}
    keys = {key: value for key, value in filled_keys.items() if value != "*"}
    own: dict[str, str] = inputs.get("tags") or {}
    tags = {**scope.tags, **own} if facts.tagged else {}
    # an update sends only the tags that differ (terraform-provider-aws: KeyValueTags.Updated)
    if request.request_tags and not exists:
        keys |= {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    if exists and not request.resource:
        keys |= {f"aws:ResourceTag/{name}": value for name, value in tags.items()}
    for action in request.action:
        for form in request.resource or (facts.arn,):
            yield ApiCall(action, filled(form, facts, inputs, scope), keys)
