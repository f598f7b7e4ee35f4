"""Rows as text that never breaks a value: ids stay whole to be copied and searched."""

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence

_GAP = "  "


def lay_out(rows: Sequence[Mapping[str, str]], width: int | None = None) -> Iterable[str]:
    """Columns, where they fit the width; else a block for each row, one line a field."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        return []
    widths = [max(len(name), *(len(row.get(name, "")) for row in rows)) for name in names]
    if width is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        return _blocks(rows, max(map(len, names)))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return (
        _GAP.join(cell.ljust(size) for cell, size in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def terminal_width() -> int | None:
    """Of the terminal; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _blocks(rows: Iterable[Mapping[str, str]], size: int) -> Iterable[str]:
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, value in row.items():
            yield f"{name.ljust(size)}{_GAP}{value}".rstrip()
