"""What the handlers send while seeds are simulated, as JSON on standard output.

python -m tests.chaos.simulation.recorded updates 40
"""

import json
import sys
from typing import Any

from chaos.simulation.postgres import database
from chaos.simulation.postgres.statements import run
from chaos.simulation.run import simulate
from chaos.simulation.table import Table

_SENT = ("Key", "UpdateExpression", "ConditionExpression")
_MAPS = ("ExpressionAttributeNames", "ExpressionAttributeValues")


def updates(seeds: int) -> list[dict[str, Any]]:
    """Updates of the table, one for each pair of expressions."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    write: Any = Table._write_all  # pyright: ignore[reportPrivateUsage]

    def recording(table: Table, actions: Any, **more: Any) -> Any:
        actions = list(actions)
        for kind, request in actions:
            if kind == "Update":
                sent = {name: request[name] for name in (*_SENT, *_MAPS) if name in request}
                found.setdefault(tuple(sent.get(name) for name in _SENT[1:]), sent)
        return write(table, actions, **more)

    Table._write_all = recording  # pyright: ignore
    _simulate(seeds)
    return list(found.values())


def statements(seeds: int) -> list[str]:
    """SQL statements."""
    found = dict[str, None]()

    def recording(transaction: Any, sql: str, parameters: Any) -> Any:
        found[sql] = None
        return run(transaction, sql, parameters)

    database.run = recording
    _simulate(seeds)
    return list(found)


def _simulate(seeds: int) -> None:
    for seed in range(seeds):
        simulate(seed)


if __name__ == "__main__":
    what, seeds = sys.argv[1:]
    print(json.dumps({"updates": updates, "statements": statements}[what](int(seeds))))
