"""A query: commands that hand their rows on, and the table that comes out."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from localcloud.aws.logs_insights.expressions import Expression, aggregate, evaluate, read
from localcloud.aws.logs_insights.records import LogLine, fields_of
from localcloud.aws.logs_insights.scanner import QueryError, Scanner
from localcloud.aws.logs_insights.values import Row, Value, is_true, shown, sort_key

MAX_ROWS = 10_000
"""Most rows of a query without `limit` (StartQuery)."""

_DEFAULT_COLUMNS = ("@timestamp", "@message")


@dataclass(frozen=True)
class Result:
    """The result of a query.

    columns: in the order of the query.
    rows: values as text; a row lacks the columns without a value.
    matched: number of lines that passed the filters.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, str]]
    matched: int


@dataclass
class _Table:
    """The rows after a command, and the columns so far; without columns the default ones."""

    rows: list[Row]
    columns: list[str] = field(default_factory=list[str])


_Command = Callable[[Scanner, _Table], None]


def run(text: str, lines: Iterable[LogLine]) -> Result:
    """Run a query over log lines. Raises QueryError for an invalid query."""
    ordered = sorted(lines, key=lambda line: line.at)
    table = _Table([fields_of(line) for line in ordered])
    matched: int | None = None
    scanner = Scanner(text)
    while True:
        name = scanner.keyword(*_COMMANDS)
        if name is None:
            raise scanner.error(f"one of {', '.join(_COMMANDS)}")
        if matched is None and name == "stats":
            matched = len(table.rows)
        _COMMANDS[name](scanner, table)
        if scanner.at_end:
            break
        scanner.expect("|")
    columns = tuple(table.columns or _DEFAULT_COLUMNS)
    rows = [
        {name: shown(value) for name in columns if (value := row.get(name)) is not None}
        for row in table.rows[:MAX_ROWS]
    ]
    return Result(columns, rows, len(table.rows) if matched is None else matched)


def _fields(scanner: Scanner, table: _Table) -> None:
    for name, expression in _named_list(scanner):
        for row in table.rows:
            row[name] = evaluate(expression, row)
        if name not in table.columns:
            table.columns.append(name)


def _display(scanner: Scanner, table: _Table) -> None:
    table.columns.clear()
    _fields(scanner, table)


def _filter(scanner: Scanner, table: _Table) -> None:
    condition = read(scanner)
    table.rows = [row for row in table.rows if is_true(evaluate(condition, row))]


def _parse(scanner: Scanner, table: _Table) -> None:
    """`parse field "a * b *" as x, y`, or `parse field /(?<x>...)/`."""
    name = scanner.name() or "@message"
    pattern = scanner.regex()
    if pattern is None:
        glob = scanner.quoted()
        if glob is None or not scanner.keyword("as"):
            raise scanner.error('"a string with *" as names, or /a regular expression/')
        names = [scanner.name()]
        while scanner.sign(","):
            names.append(scanner.name())
        if len(names) != glob.count("*") or None in names:
            raise QueryError(f"parse: {glob.count('*')} times * in {glob}, {len(names)} names")
        parts = [re.escape(part) for part in glob.split("*")]
        pattern = re.compile("".join(_interleaved(parts, [f"(?P<{name}>.*?)" for name in names])))
    for row in table.rows:
        found = pattern.search(str(row.get(name) or ""))
        for group in pattern.groupindex:
            row[group] = found[group] if found else None
    table.columns.extend(group for group in pattern.groupindex if group not in table.columns)


def _interleaved(parts: Sequence[str], groups: Sequence[str]) -> Iterable[str]:
    yield parts[0]
    for group, part in zip(groups, parts[1:], strict=True):
        yield group if part else group.replace(".*?", ".*")
        yield part


def _stats(scanner: Scanner, table: _Table) -> None:
    aggregations = _named_list(scanner)
    by = _named_list(scanner) if scanner.keyword("by") else []
    groups: dict[tuple[Value, ...], list[Row]] = {}
    for row in table.rows:
        key = tuple(evaluate(expression, row) for _, expression in by)
        groups.setdefault(key, []).append(row)
    table.rows = []
    for key, rows in groups.items():
        result: Row = {name: value for (name, _), value in zip(by, key, strict=True)}
        for name, expression in aggregations:
            result[name] = aggregate(expression, rows, result)
        table.rows.append(result)
    table.columns = [name for name, _ in (*by, *aggregations)]


def _sort(scanner: Scanner, table: _Table) -> None:
    keys: list[tuple[Expression, bool]] = []
    while not keys or scanner.sign(","):
        expression = read(scanner)
        keys.append((expression, scanner.keyword("asc", "desc") == "desc"))
    # by the last key first: sorting is stable
    for expression, is_descending in reversed(keys):
        table.rows.sort(
            key=lambda row, by=expression: sort_key(evaluate(by, row)), reverse=is_descending
        )


def _dedup(scanner: Scanner, table: _Table) -> None:
    names = [name for name, _ in _named_list(scanner)]
    first: dict[tuple[Value, ...], Row] = {}
    for row in table.rows:
        first.setdefault(tuple(row.get(name) for name in names), row)
    table.rows = list(first.values())


def _limit(scanner: Scanner, table: _Table) -> None:
    count = scanner.number()
    if count is None:
        raise scanner.error("a number")
    table.rows = table.rows[: int(count)]


def _named_list(scanner: Scanner) -> list[tuple[str, Expression]]:
    """Expressions by their alias, or by their text without one."""
    found: list[tuple[str, Expression]] = []
    while not found or scanner.sign(","):
        start = scanner.position
        expression = read(scanner)
        name = scanner.since(start)
        if scanner.keyword("as"):
            alias = scanner.name()
            if alias is None:
                raise scanner.error("a name")
            name = alias
        found.append((name, expression))
    return found


_COMMANDS: dict[str, _Command] = {
    "fields": _fields,
    "display": _display,
    "filter": _filter,
    "parse": _parse,
    "stats": _stats,
    "sort": _sort,
    "dedup": _dedup,
    "limit": _limit,
}
