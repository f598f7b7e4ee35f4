"""The data of CI's roles: the actions of each scope, computed from the calls of deployments."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from checks.ci_roles.comparison import idle, refused
from checks.ci_roles.operations import deploy_calls, preview_calls
from checks.ci_roles.options import DOMAIN, names_of, variants
from checks.least_privilege.calls import Call
from checks.least_privilege.comparison import judge
from components.iam.documents import Statement, allow
from components.names import Names
from deployment import grants
from deployment.scopes import scopes
from deployment.settings import ENVIRONMENTS

Actions = dict[str, dict[str, list[str]]]
"""Role -> scope -> actions: the form of deployment/actions.json."""

EVERYTHING = "*"


class NoScopeError(Exception):
    """Deployments call what no scope covers; the text lists the calls."""


def computed() -> Actions:
    """The actions that the operations of all stacks take; of the deploy role those that the
    managed policy of both roles does not allow it. Raises NoScopeError."""
    read = {stack: _calls(stack, "preview") for stack in ENVIRONMENTS}
    preview = _actions(read)
    changing = {
        stack: refused(
            grants.statements(preview, scopes(names_of(stack), DOMAIN, reading=True)),
            _calls(stack, "deploy"),
        )
        for stack in ENVIRONMENTS
    }
    return {"deploy": _actions(changing), "preview": preview}


def unneeded(stack: str) -> Iterator[tuple[str, str]]:
    """The parts of both policies without which no call is refused, each with its policy.

    Of what both roles read a preview needs each part, of what the deploy role has beside it a call
    that is no reading.
    """
    names = names_of(stack)
    shared = grants.preview(names, DOMAIN)
    yield from (("reads", part) for part in idle(shared, _calls(stack, "preview")))
    changing = refused(shared, _calls(stack, "deploy"))
    yield from (("changes", part) for part in idle(grants.changes(names, DOMAIN), changing))


def _calls(stack: str, role: str) -> list[Call]:
    return [each for each in needed(stack) if each.principal == role]


def _actions(calls: Mapping[str, Sequence[Call]]) -> dict[str, list[str]]:
    """Scope -> the actions that calls take, of which there are some for each stack."""
    actions: defaultdict[str, set[str]] = defaultdict(set)
    uncovered: list[Call] = []
    for stack, made in calls.items():
        for call, held in assigned(names_of(stack), made):
            if held:
                actions[call.action] |= {held}
            else:
                uncovered.append(call)
    if uncovered:
        lines = sorted({f"{each.action} on {each.resource} {each.context}" for each in uncovered})
        raise NoScopeError("No scope of deployment/scopes.py covers:\n" + "\n".join(lines))
    kept = {action: _sufficient(calls, action, held) for action, held in actions.items()}
    return {
        scope: sorted(action for action, held in kept.items() if scope in held)
        for scope in scopes(names_of(ENVIRONMENTS[0]), DOMAIN)
        if any(scope in held for held in kept.values())
    }


@cache
def needed(stack: str) -> tuple[Call, ...]:
    """What both roles call for a stack."""
    names = names_of(stack)
    resources = [each for variant in variants(stack) for each in variant]
    return (*deploy_calls(names, resources), *preview_calls(names, resources))


def assigned(names: Names, calls: Iterable[Call]) -> Iterator[tuple[Call, str | None]]:
    """Each call with the first scope that covers it; None if there is none.

    A scope of everything covers only what AWS judges on everything.
    """
    candidates = [
        (name, EVERYTHING in statement["Resource"], judge([statement]))
        for name, statement in _statements(names, "*").items()
    ]
    for call in calls:
        covering = (
            name
            for name, is_everything, covers in candidates
            if is_everything == (call.resource == EVERYTHING) and covers(call)
        )
        yield call, next(covering, None)


def _sufficient(calls: Mapping[str, Sequence[Call]], action: str, held: set[str]) -> set[str]:
    """The scopes of an action, without those whose calls another one allows as well."""
    for scope in sorted(held):
        rest = held - {scope}
        if rest and not any(
            refused(
                [statement for name, statement in statements.items() if name in rest],
                [each for each in made if each.action == action],
            )
            for stack, made in calls.items()
            for statements in [_statements(names_of(stack), action)]
        ):
            held = rest
    return held


def _statements(names: Names, action: str) -> dict[str, Statement]:
    """One action in each scope, by the scope's name."""
    return {
        name: allow([action], scope.resources, **scope.conditions)
        for name, scope in scopes(names, DOMAIN).items()
    }
