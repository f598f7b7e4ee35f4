"""`tune`: the guide's knobs, and a function's memory."""

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from handlers.contract.functions import FUNCTIONS, FunctionSpec
from ops.audit import FOLDER, record
from ops.commands.confirm import ConfirmOption, YesOption, confirm
from ops.commands.options import JsonOption, LocalOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.settings import settings_of
from ops.stack import LOCAL
from ops.times import moment
from ops.tune.drawing import drawing
from ops.tune.knobs import Knob, knobs
from ops.tune.memory import LEAST_MB, MOST_MB, SIZES, Size, event_of, measure
from ops.tune.reading import read

_SAME_HERE = (
    "the embedded cloud gives every size the same processor: memory changes no time here, so only"
    " the procedure counts"
)
_NAMES = [spec.name for spec in FUNCTIONS]


@dataclass(frozen=True)
class KnobList:
    """All of the guide's knobs; `then` is None where a knob should stay as it is."""

    since: str
    knobs: list[Knob]


@dataclass(frozen=True)
class MemoryRun:
    """picture: the SVG file. note: what to know of the numbers. setting: what would change it."""

    function: str
    sizes: list[Size]
    picture: str
    note: str
    setting: str
    audit: str


def tune_command(
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, or 2026-11-29T08:00 (UTC)")
    ] = "7d",
    as_json: JsonOption = False,
) -> None:
    """Say which of the guide's knobs to turn and why, with the lines that turn them.

    From throttles, durations against time-outs, DEADLINE, memory used, cold starts and saves. It
    changes nothing. `python -m ops tune --stack prod` is the same command.

    \b
    Example:
      python -m ops tune settings --stack prod --since 3d
    """
    name, now = stack_name(stack, local), datetime.now(UTC)
    start, settings = moment("--since", since, now), settings_of(name)
    found = knobs(read(open_stack(name), settings, start, now), settings)
    if as_json:
        print_json(KnobList(start.isoformat(timespec="seconds"), found))
        return
    for knob in found:
        change = f"{knob.now} -> {knob.then}" if knob.then else f"stays {knob.now}"
        print(f"{'!' if knob.then else '✓'} {knob.path} {change} (guide: {knob.guide})")
        print(f"    {knob.why}")
        for line in knob.commands:
            print(f"    {line}")


def tune_memory_command(
    function: Annotated[str, typer.Argument(metavar="FUNCTION", help=", ".join(_NAMES))],
    *,
    stack: StackOption = None,
    local: LocalOption = False,
    sizes: Annotated[str, typer.Option(metavar="MB,MB,...", help="the sizes to try")] = ",".join(
        map(str, SIZES)
    ),
    invocations: Annotated[int, typer.Option(min=2, max=200, metavar="N", help="of a size")] = 10,
    payload: Annotated[
        Path | None, typer.Option(metavar="FILE", help="the event to invoke with, as JSON")
    ] = None,
    yes: YesOption = False,
    confirmed: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure time and cost of a function at several sizes of memory; draws them as SVG.

    Invokes a temporary version of each size. `live` stays where it is; the versions are deleted and
    $LATEST gets its memory back, also after Ctrl-C. Do not deploy meanwhile. It takes a
    profile that may deploy the stack: no operator's role may change a function.

    \b
    Example:
      python -m ops tune memory workflow-status --local --sizes 512,1024
    """
    name = stack_name(stack, local)
    spec = _function(function)
    wanted = _sizes(sizes)
    event = event_of(spec, payload.read_text(encoding="utf-8") if payload else None)
    opened = open_stack(name)
    print(
        f"plan: {opened.names.function(spec)}, {', '.join(f'{each} MB' for each in wanted)};"
        f" {len(wanted)} versions are published and deleted again, {invocations + 1} invocations"
        f" each, none of them through live",
        file=sys.stderr,
    )
    confirm(name, yes=yes, confirmed=confirmed)
    audit = record(opened, f"tune memory of {spec.name}: {sizes}", "")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cleans up as Ctrl-C does
    found = measure(
        opened,
        spec,
        wanted,
        event,
        invocations=invocations,
        progress=lambda line: print(line, file=sys.stderr),
    )
    note = _SAME_HERE if name == LOCAL else f"{invocations} warm invocations of a size"
    file = FOLDER / "tune" / f"memory-{name}-{spec.name}.svg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawing(spec.name, found, note), encoding="utf-8")
    result = MemoryRun(spec.name, found, str(file), note, _setting(spec, found, name), audit)
    if as_json:
        print_json(result)
        return
    for size in found:
        print(
            f"{size.memory_mb:>6} MB: median {size.median_ms:.1f} ms, p95 {size.p95_ms:.1f} ms,"
            f" cold {size.cold_ms:.0f} ms, {size.usd_per_million:.2f} USD a million"
        )
    print(f"{note}\n{result.setting}\n{file}")


def _setting(spec: FunctionSpec, sizes: Sequence[Size], stack: str) -> str:
    best = min(sizes, key=lambda size: (size.usd_per_million, size.median_ms)).memory_mb
    if spec.name == "task-generation":
        return (
            f"cheapest: pulumi config set --stack {stack} --path"
            f" goal-mandala:generation.memory {best}"
        )
    return f"cheapest: {best} MB; it is memory_mb of {spec.name} in handlers/contract/functions.py"


def _function(name: str) -> FunctionSpec:
    for spec in FUNCTIONS:
        if spec.name == name:
            return spec
    raise typer.BadParameter(f"FUNCTION {name}: allowed are {', '.join(_NAMES)}")


def _sizes(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdigit() and LEAST_MB <= int(part) <= MOST_MB for part in parts):
        raise typer.BadParameter(
            f"--sizes {text}: give MB from {LEAST_MB} to {MOST_MB} with commas between them"
        )
    return sorted({int(part) for part in parts})
