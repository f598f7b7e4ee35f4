"""`psql`: psql on the database of DATABASE_URL."""

import os
from typing import Annotated

import typer

from ops import psql


def psql_command(
    arguments: Annotated[
        list[str], typer.Argument(metavar="ARGUMENTS", help="psql's: -f FILE or -c COMMAND")
    ],
) -> None:
    """Become psql on the database of DATABASE_URL.

    Prisma's parameters and a pooler are understood. `python3 -m ops.psql` does the same,
    and needs no package but psql itself.

    \b
    Example:
      python -m ops psql -c "SELECT count(*) FROM goal_workflows"
    """
    raise typer.Exit(psql.main(arguments, os.environ))
