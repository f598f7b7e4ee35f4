"""`python3 -m ops.psql ARGUMENTS`: psql on the database of DATABASE_URL, in whichever form that is.

psql refuses Prisma's parameters. What the arguments do (`-f FILE`, `-c COMMAND`) is one transaction
in the URL's schema, so that it goes through any pooler. The password is in no process's arguments.
Needs nothing but Python and psql.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from handlers.contract.database_url import DatabaseUrl, DatabaseUrlError, parse


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Become psql; returns only if that cannot be: 2."""
    if not arguments:
        print("usage: python3 -m ops.psql -f FILE (or -c COMMAND)", file=sys.stderr)
        return 2
    try:
        # here, not in Lambda: a tunnel to a database ends on this machine
        url = parse(environ.get("DATABASE_URL", ""), local=True)
    except DatabaseUrlError as error:
        print(f"DATABASE_URL {error}", file=sys.stderr)
        return 2
    given = [*command(url), *arguments]
    try:
        os.execvpe(  # noqa: S606 - psql takes this process's place
            given[0], given, {**environ, "PGPASSWORD": url.parameters.get("password", "")}
        )
    except OSError as error:
        print(f"psql: {error.strerror}", file=sys.stderr)
        return 2


def command(url: DatabaseUrl) -> list[str]:
    """psql's command line for a database, but for what it is to do there."""
    parameters = {name: value for name, value in url.parameters.items() if name != "password"}
    where = " ".join(f"{name}={_quoted(value)}" for name, value in parameters.items())
    started = ["psql", where, "--set=ON_ERROR_STOP=1", "--single-transaction", "--no-psqlrc"]
    if url.schema is None:
        return started
    schema = url.schema.replace('"', '""')
    return [*started, "-c", f'SET LOCAL search_path TO "{schema}"']


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
