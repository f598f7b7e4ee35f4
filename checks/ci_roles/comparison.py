"""Calls against the statements of a role: what is refused, and what no call needs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from checks.least_privilege.calls import Call
from checks.least_privilege.comparison import judge
from components.iam.documents import Statement


def refused(statements: Sequence[Statement], calls: Iterable[Call]) -> list[Call]:
    """The calls that a role with these statements is not allowed."""
    allows = judge(statements)
    return [call for call in calls if not allows(call)]


def idle(statements: Sequence[Statement], calls: Iterable[Call]) -> list[str]:
    """The actions, resources and values of conditions without which every call is still allowed."""
    judges = [judge([each]) for each in statements]
    alone: list[list[Call]] = [[] for _ in statements]
    for call in calls:
        allowing = [number for number, allows in enumerate(judges) if allows(call)]
        if len(allowing) == 1:
            alone[allowing[0]].append(call)
    return [
        f"{part} in statement {number}, {statement['Action'][0]} ..."
        for number, statement in enumerate(statements)
        for part, rest in _without_a_part(statement)
        if not refused([rest], alone[number])
    ]


def _without_a_part(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """Each part, and the statement without it."""
    for element in ("Action", "Resource"):
        for part in statement[element]:
            rest = [each for each in statement[element] if each != part]
            yield part, {**statement, element: rest or ["none:none"]}
    conditions: dict[str, dict[str, Any]] = statement.get("Condition", {})
    for operator, keys in conditions.items():
        for key, values in keys.items():
            for value in [values] if isinstance(values, str) else values:
                rest = [] if isinstance(values, str) else [each for each in values if each != value]
                less = {**conditions, operator: {**keys, key: rest or ["nothing"]}}
                yield f"{key} {value}", {**statement, "Condition": less}
