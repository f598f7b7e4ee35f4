"""`trace`: a picture of one execution."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Picture
from ops.problems import OperatorError
from ops.stack import LOCAL, execution_of
from ops.trace.draw import draw


def trace_command(
    execution: Annotated[str, typer.Argument(metavar="EXECUTION", help="its id or its ARN")],
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="default: execution-ID.html")
    ] = None,
    titles: Annotated[
        bool, typer.Option("--titles", help="show the actions' titles, which are a user's words")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw one execution as one HTML file.

    It shows the actions and attempts over time, what failed and why.

    Without --stack an id is of the local stack; an ARN names its own.

    \b
    Example:
      python -m ops trace 0192f0c1-7a00-7000-8000-000000000001 --stack prod
    """
    given = stack_name(stack, local) if stack or local else None
    name, execution_id = execution_of(execution, given)
    file = output or Path(f"execution-{execution_id}.html")
    text = draw(open_stack(name or LOCAL), execution_id, with_titles=titles)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"--output {file}: {error.strerror}") from None
    url = file.resolve().as_uri()
    if as_json:
        print_json(Picture(url))
    else:
        print(url)
