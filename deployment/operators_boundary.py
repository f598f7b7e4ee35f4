"""The boundary of the operators' roles: the most that one can do, whatever CI grants it.

A policy of its own, since that of the other roles lets none of them move an alias.
"""

from collections import defaultdict
from collections.abc import Iterable

from components.arns import Arn
from components.iam import grants
from components.iam.documents import Statement, allow
from components.iam.operator_grants import CALLS, conditions, resources
from components.iam.operator_places import On
from components.names import Names

_SAME_PREFIX = {
    On.FUNCTION_LOGS: On.LOGS,
    On.BACKUPS: On.TABLE,
    On.GOAL_INDEX: On.TABLE,
    On.INDEXES: On.TABLE,
    On.LIVE: On.FUNCTIONS,
    On.START: On.FUNCTIONS,
    On.SWEEP: On.FUNCTIONS,
    On.VERSIONS: On.FUNCTIONS,
}

_BY_PREFIX = {
    On.FUNCTIONS: Arn.FUNCTION,
    On.QUEUES: Arn.QUEUE,
    On.ROLES: Arn.ROLE,
    On.SECRETS: Arn.SECRET,
}


def operators_boundary(names: Names) -> list[Statement]:
    """What the operators' commands call, on the stack's own names."""
    calls = {call for lines in CALLS.values() for line in lines.values() for call in line}
    by_place: defaultdict[On, set[str]] = defaultdict(set)
    for on, action in calls:
        by_place[_SAME_PREFIX.get(on, on)].add(action)
    return [
        *_joined(
            allow(sorted(actions), _wide(on, names), **conditions(on, names))
            for on, actions in sorted(by_place.items(), key=lambda item: item[0].value)
        ),
        allow(
            [f"kms:{action}" for action in grants.ENVELOPE_ENCRYPTION],
            [names.key_arns],
            **grants.through(names, "dynamodb", "lambda", "s3"),
        ),
        grants.create_tables_grant(names),
    ]


def _joined(statements: Iterable[Statement]) -> list[Statement]:
    """The same grants in fewer characters: of different services, under one condition."""
    found = list[Statement]()
    for each in statements:
        fits = (other for other in found if _may_join(other, each))
        if other := next(fits, None):
            other["Action"] += each["Action"]
            other["Resource"] += each["Resource"]
        else:
            found.append(each)
    return found


def _may_join(first: Statement, second: Statement) -> bool:
    return (
        ["*"] not in (first["Resource"], second["Resource"])
        and first.get("Condition") == second.get("Condition")
        and not _services(first) & _services(second)
    )


def _services(statement: Statement) -> set[str]:
    return {action.partition(":")[0] for action in statement["Action"]}


def _wide(on: On, names: Names) -> list[str]:
    """By prefix what there is much of: a managed policy has 6144 characters."""
    if on in _BY_PREFIX:
        return [names.arn(_BY_PREFIX[on], f"{names.prefix}-*")]
    match on:
        case On.TABLE:
            return [names.table_arn, names.index_arn("*"), names.table_backups]
        case On.LOGS:
            machine = names.log_group_arn(names.state_machine_log_group)
            services = ("lambda", "apigateway")
            own = [names.log_group_arn(f"/aws/{each}/{names.prefix}-*") for each in services]
            return [f"{group}:*" for group in (*own, machine)]
        case _:
            return resources(on, names)
