"""The results as a mandala: the goal in the middle, sub-goals around it, actions around each."""

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from handlers.contract.statuses import ActionStatus
from localcloud.database.mandala import Mandala
from localcloud.goals.goal import MANDALA_SIZE
from localcloud.run.snapshot import ActionItem, Snapshot

_SIDE = 3
_MIDDLE = 4
_FRAME = 6
_WIDEST = 100


def mandala_grid(mandala: Mandala, snapshot: Snapshot, width: int) -> RenderableType:
    """A grid of 3 x 3 blocks of 3 x 3 cells, `width` columns wide (80 are enough)."""
    width = min(width, _WIDEST)
    blocks = [_block(mandala, snapshot, n, width) for n in range(len(mandala.sub_goals))]
    blocks += [Panel("\n\n", border_style="dim")] * (MANDALA_SIZE - len(blocks))
    kept = Text(f"\n{snapshot.kept}/{len(mandala.actions)}\n", "bold", justify="center")
    blocks.insert(_MIDDLE, Panel(kept, title=_title(mandala.title, width)))
    return _square(blocks, width)


def _block(mandala: Mandala, snapshot: Snapshot, number: int, width: int) -> Panel:
    items = [snapshot.actions.get(action.action_id) for action in mandala.around(number)]
    kept = sum(item is not None and item.is_kept for item in items)
    cells = [_cell(item) for item in items] + [Text()] * (MANDALA_SIZE - len(items))
    cells.insert(_MIDDLE, Text(f"{kept}/{len(items)}", "bold"))
    return Panel(
        _square(cells),
        title=_title(f"{number + 1} {mandala.sub_goals[number]}", width),
        border_style="green" if kept == len(items) else "red",
    )


def _cell(item: ActionItem | None) -> Text:
    if item is None or item.status in (ActionStatus.PENDING, ActionStatus.GENERATING):
        return Text("·", "dim")
    if item.status == ActionStatus.FAILED:
        return Text("✗", "bold red")
    return Text(f"✓ {item.task_count}", "green")


def _title(text: str, width: int) -> Text:
    title = Text(text, "bold")
    title.truncate(width // _SIDE - _FRAME, overflow="ellipsis")
    return title


def _square(cells: list[Panel] | list[Text], width: int | None = None) -> Table:
    table = Table.grid(expand=width is None)
    table.width = width
    for _ in range(_SIDE):
        table.add_column(ratio=1, justify="center")
    for first in range(0, len(cells), _SIDE):
        table.add_row(*cells[first : first + _SIDE])
    return table
