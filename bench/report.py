"""The report of a run: Markdown and SVG for people, JSON for programs. Older sections stay."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.figures import Figure, Section, Table
from bench.plot import draw

_INTRODUCTION = """\
# Benchmarks

Written by `make bench`. A figure is a ratio of two things measured side by side in one run, so
that it depends little on the machine; its spread says how much it did. Less is better. A run of
some benchmarks (`--only`) replaces their sections; each section names the machine it ran on.
"""

Measured = tuple[Section, Mapping[str, str]]
"""A section, and the facts of the machine when it was measured."""


def write_report(folder: Path, new: Sequence[Measured], order: Sequence[str]) -> None:
    """Write report.md, report.json and a drawing a section; sections not measured anew stay."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {section.key: (section, facts) for section, facts in [*read_report(folder), *new]}
    measured = [found[key] for key in order if key in found]
    for section, _ in measured:
        if section.figures:
            (folder / f"{section.key}.svg").write_text(draw(section.figures))
    sections = (
        json.dumps({**asdict(section), "machine": dict(facts)}, ensure_ascii=False)
        for section, facts in measured
    )
    (folder / "report.json").write_text("[\n" + ",\n".join(sections) + "\n]\n")
    (folder / "report.md").write_text("\n".join([_INTRODUCTION, *map(_markdown, measured)]))


def read_report(folder: Path) -> list[Measured]:
    """The sections of a written report; none if there is no report."""
    path = folder / "report.json"
    return [_section(each) for each in json.loads(path.read_text())] if path.exists() else []


def figure_lines(section: Section) -> Iterable[str]:
    """A line a figure, for the terminal."""
    for figure in section.figures:
        yield f"{figure.name:<68}{figure.median:>8.2f}  {_range(figure)}".rstrip()


def _section(found: dict[str, Any]) -> Measured:
    facts: dict[str, str] = found.pop("machine")
    figures = [Figure(**figure) for figure in found.pop("figures")]
    tables = [Table(**table) for table in found.pop("tables")]
    return Section(**found, figures=figures, tables=tables), facts


def _markdown(measured: Measured) -> str:
    section, facts = measured
    parts = [f"## {section.title}", section.text]
    if section.figures:
        rows = [
            [
                figure.name,
                f"{figure.median:.2f}",
                _range(figure),
                "" if figure.goal is None else f"{figure.goal:g}",
            ]
            for figure in section.figures
        ]
        headings = ["ratio", "median", "lowest to highest", "goal, at most"]
        parts += [_table(headings, rows), f"![{section.title}]({section.key}.svg)"]
    for table in section.tables:
        parts += [f"**{table.title}**", _table(table.headings, table.rows)]
    parts.append(
        "Measured on: " + "; ".join(f"{name} {fact}" for name, fact in facts.items()) + "."
    )
    return "\n\n".join(parts) + "\n"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)


def _range(figure: Figure) -> str:
    if len(figure.samples) == 1:
        return "one sample"
    low, high = min(figure.samples), max(figure.samples)
    return f"{low:.2f} to {high:.2f} ({len(figure.samples)})"
