"""`support-bundle`: what the developers need to know of an execution, and nothing of its user."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.audit import FOLDER
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.problems import OperatorError
from ops.stack import LOCAL, execution_of
from ops.support.bundle import write
from ops.support.detectors import kinds_in
from ops.support.evidence import chosen, collect
from ops.support.files import files, redactor_of
from ops.support.report import OwnWords


@dataclass(frozen=True)
class SupportBundle:
    """file: the zip. executions: ids. sha256: name of a file in the zip -> its checksum."""

    file: str
    executions: list[str]
    sha256: dict[str, str]


def support_bundle_command(
    execution: Annotated[
        str | None,
        typer.Argument(metavar="EXECUTION", help="its id or its ARN; default: the latest"),
    ] = None,
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    latest: Annotated[
        int, typer.Option(min=1, max=20, metavar="N", help="how many, if none is named")
    ] = 3,
    steps: Annotated[str, typer.Option(metavar="TEXT", help="how to reproduce it")] = "",
    expected: Annotated[str, typer.Option(metavar="TEXT", help="what should happen")] = "",
    actual: Annotated[str, typer.Option(metavar="TEXT", help="what happens")] = "",
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="default: in .ops/support, which Git ignores"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write one zip for the developers: the guide's last page, and the evidence behind it.

    Trace, record, actions and history of one execution or of the latest ones; settings, versions,
    alarms with their history, log lines of that time; a manifest. Only named fields leave, and of
    texts only what this project's own code writes: no secret, no e-mail address, no user's word.

    \b
    Example:
      python -m ops support-bundle 0192f0c1-7a00-7000-8000-000000000001 --stack prod
    """
    given = stack_name(stack, local) if stack or local or execution is None else None
    name, execution_id = execution_of(execution, given) if execution else (given, None)
    opened = open_stack(name or LOCAL)
    now = datetime.now(UTC)
    evidence = collect(opened, chosen(opened, execution_id, latest), now)
    redactor = redactor_of(opened.names, evidence)
    words = OwnWords(steps, expected, actual)
    for option, text in asdict(words).items():
        _check(option, text, redactor.private)
    stamp = f"{opened.names.environment}-{now:%Y%m%dT%H%M%SZ}"
    file = output or FOLDER / "support" / f"support-{stamp}.zip"
    texts = files(evidence, redactor, opened.names, words)
    sums = write(file, texts, opened.names.environment, now)
    ids = [each.record.execution_id for each in evidence.executions]
    if as_json:
        print_json(SupportBundle(str(file), ids, sums))
        return
    for each in sums:
        print(f"  {each}")
    print(f"{file}: {len(sums)} files of {len(ids)} executions, read back")


def _check(option: str, text: str, private: frozenset[str]) -> None:
    """The operator's own words are kept as they are, so they must hold nothing private."""
    kinds = kinds_in(text)
    if any(each in text for each in private):
        kinds.add("a goal's text")
    if kinds:
        raise OperatorError(f"--{option}: holds {', '.join(sorted(kinds))}; say it without")
