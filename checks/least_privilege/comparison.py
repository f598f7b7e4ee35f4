"""Calls against grants: calls that no grant allows, and grants that no call needs.

MiniStack's evaluator decides whether a grant matches a call, as it does on the embedded cloud.
"""

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.least_privilege.calls import Call
from checks.least_privilege.grants import Grant

_iam: Any = importlib.import_module("ministack.core.iam_evaluator")

EVERYBODY = "*"


@dataclass(frozen=True)
class Comparison:
    """The result in both directions.

    uses: grant -> the calls that would be refused without it (a denial: that would be allowed).
    ungranted: calls that no grant allows.
    unrefused: calls that a grant should deny and none does.
    """

    uses: Mapping[Grant, tuple[Call, ...]]
    ungranted: tuple[Call, ...]
    unrefused: tuple[Call, ...]

    @property
    def unused(self) -> tuple[Grant, ...]:
        """Grants that no call needs: none matches, or another grant also allows it."""
        return tuple(grant for grant, calls in self.uses.items() if not calls)


def compare(
    grants: Sequence[Grant], calls: Iterable[Call], to_refuse: Iterable[Call] = ()
) -> Comparison:
    """Compare calls with grants; to_refuse: calls over plain HTTP that a grant has to deny."""
    by_principal: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_principal[grant.principal].append(grant)
    uses: dict[Grant, list[Call]] = {grant: [] for grant in grants}
    ungranted: list[Call] = []
    for call in calls:
        for layer in _layers(call, by_principal):
            allowing = [grant for grant in layer if grant.allows and matches(grant, call)]
            if not allowing:
                ungranted.append(call)
            elif len(allowing) == 1:
                uses[allowing[0]].append(call)
    unrefused: list[Call] = []
    for call in to_refuse:
        denying = [
            grant
            for grant in by_principal[EVERYBODY]
            if not grant.allows and matches(grant, call, over_tls=False)
        ]
        if not denying:
            unrefused.append(call)
        elif len(denying) == 1:
            uses[denying[0]].append(call)
    return Comparison(
        {grant: tuple(needing) for grant, needing in uses.items()},
        tuple(dict.fromkeys(ungranted)),
        tuple(unrefused),
    )


def _layers(call: Call, by_principal: Mapping[str, list[Grant]]) -> list[list[Grant]]:
    """Lists of grants; in each list, one has to allow the call."""
    own = by_principal.get(call.principal, [])
    if call.service != "kms" or call.principal.endswith(".amazonaws.com"):
        return [own]
    # A key's policy has to let IAM decide (AWS KMS Developer Guide: default key policy).
    roots = [each for who, each in by_principal.items() if who.endswith(":root")]
    return [own, [grant for grants in roots for grant in grants]]


def matches(grant: Grant, call: Call, *, over_tls: bool = True) -> bool:
    """Whether a grant matches a call's action, resource and context."""
    if not _iam.fnmatch_iam(call.action, grant.action):
        return False
    conditions: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for operator, key, value in grant.conditions:
        conditions[operator][key] = [value]
    statement = _iam.ParsedStatement(
        sid="",
        effect="Allow",
        actions=[grant.action],
        resources=[grant.resource],
        conditions=dict(conditions),
    )
    return _iam.evaluate(_judged(call, over_tls=over_tls), [[statement]]).decision == "Allow"


def judge(statements: Sequence[Any]) -> Callable[[Call], bool]:
    """Whether a policy of these statements (plain data) allows a call."""
    parsed = _iam.parse_policy_document({"Statement": list(statements)})
    return lambda call: _iam.evaluate(_judged(call), [parsed]).decision == "Allow"


def _judged(call: Call, *, over_tls: bool = True) -> Any:
    """A call as MiniStack's evaluator takes it."""
    return _iam.EvalContext(
        principal_arn=call.principal,
        principal_type="AssumedRole",
        principal_account="",
        action=call.action,
        resource_arn=call.resource,
        region="",
        secure_transport=over_tls,
        service_context={
            key.lower(): list(values) if len(values) > 1 else next(iter(values), None)
            for key, values in call.context
        },
    )
