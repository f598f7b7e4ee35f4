"""`maintenance`: the guide's check-lists, with a dated report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from ops.audit import FOLDER
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.maintenance.checklist import Cadence, Item, State
from ops.maintenance.working import work_through
from ops.settings import settings_of

_SIGNS = {State.DONE: "✓", State.NOT_DONE: "✗", State.NOT_ASKED: "?"}
_BOXES = {State.DONE: "[x]", State.NOT_DONE: "[ ]", State.NOT_ASKED: "[?]"}


@dataclass(frozen=True)
class Maintenance:
    """well: whether nothing is left to do. made_at: UTC. reports: the files, Markdown and JSON."""

    stack: str
    cadence: Cadence
    made_at: str
    well: bool
    items: list[Item]
    reports: list[str]


def maintenance_command(
    cadence: Annotated[Cadence, typer.Argument(help="which of the guide's lists")],
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="default: .ops/maintenance, which Git ignores"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Work through one of the guide's check-lists, and write a dated report.

    Each line is done, not done, or cannot be asked here, with the reason. It changes nothing: what
    is left to do is named with its command. Exit status 1 if something is.

    \b
    Example:
      python -m ops maintenance daily --stack prod
    """
    name = stack_name(stack, local)
    now = datetime.now(UTC)
    items = work_through(open_stack(name), cadence, settings_of(name), now)
    place = folder or FOLDER / "maintenance"
    place.mkdir(parents=True, exist_ok=True)
    files = [place / f"{name}-{cadence}-{now:%Y-%m-%d}.{kind}" for kind in ("md", "json")]
    result = Maintenance(
        name,
        cadence,
        now.isoformat(timespec="seconds"),
        all(each.is_well for each in items),
        items,
        [str(file) for file in files],
    )
    files[0].write_text(markdown(result), encoding="utf-8")
    files[1].write_bytes(TypeAdapter(Maintenance).dump_json(result, indent=2))
    if as_json:
        print_json(result)
    else:
        for line in _lines(items):
            print(line)
        print(f"report: {files[0]}")
    if not result.well:
        raise typer.Exit(1)


def markdown(result: Maintenance) -> str:
    """The report: the guide's list with its boxes, then what was found."""
    lines = [f"# {result.cadence} maintenance of {result.stack}, {result.made_at}", ""]
    lines += [f"- {_BOXES[each.state]} {each.guide} ({each.name})" for each in result.items]
    for each in result.items:
        lines += ["", f"## {each.guide} / {each.name}: {each.state}", ""]
        lines += [f"{each.reason}", ""] if each.reason else []
        lines += [f"- {fact}" for fact in each.facts]
        lines += [f"- **to do:** {line}" for line in each.attention]
    return "\n".join(lines) + "\n"


def _lines(items: Sequence[Item]) -> Iterator[str]:
    for each in items:
        reason = f": {each.reason}" if each.reason else ""
        yield f"{_SIGNS[each.state]} {each.guide} ({each.name}) {each.state}{reason}"
        yield from (f"    {fact}" for fact in each.facts)
        yield from (f"  ! {line}" for line in each.attention)
