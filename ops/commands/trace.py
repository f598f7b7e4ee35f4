"""`trace`: a picture of one execution."""

from pathlib import Path
from typing import Annotated

import typer

from handlers.contract.languages import Language
from ops import audit
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Picture
from ops.problems import OperatorError
from ops.stack import LOCAL, execution_of
from ops.trace.draw import draw
from ops.trace.language import Words


def trace_command(
    execution: Annotated[str, typer.Argument(metavar="EXECUTION", help="its id or its ARN")],
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="default: .ops/execution-ID.html")
    ] = None,
    titles: Annotated[
        bool, typer.Option("--titles", help="show the actions' titles, which are a user's words")
    ] = False,
    language: Annotated[Language, typer.Option(help="the page's")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Draw one execution as one HTML file.

    It shows the actions and attempts over time, work and waits, what failed and why, who stopped
    it, and the id of its X-Ray trace.

    Without --stack an id is of the local stack; an ARN names its own.

    \b
    Example:
      python -m ops trace 0192f0c1-7a00-7000-8000-000000000001 --stack prod --language ja
    """
    given = stack_name(stack, local) if stack or local else None
    name, execution_id = execution_of(execution, given)
    file = output or audit.FOLDER / f"execution-{execution_id}.html"
    opened = open_stack(name or LOCAL)
    text = draw(opened, execution_id, with_titles=titles, say=Words(language))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"--output {file}: {error.strerror}") from None
    url = file.resolve().as_uri()
    if as_json:
        print_json(Picture(url))
    else:
        print(url)
