"""Which fault struck which step: a table, and the cells that were never hit."""

from collections import Counter
from collections.abc import Mapping

from chaos.simulation.faults import APPLICABLE, Edge, Fault

Cells = Mapping[tuple[str, Edge, Fault | None], int]


def empty_cells(cells: Cells) -> list[str]:
    """`step: fault` of every fault that can strike a step that was taken, and never did."""
    steps = {(step, edge) for step, edge, _ in cells}
    return sorted(
        f"{step}: {fault}"
        for step, edge in steps
        for fault in APPLICABLE[edge]
        if not cells.get((step, edge, fault))
    )


def table(cells: Cells) -> str:
    """How often each fault struck each step, and how often the step was taken without; Markdown."""
    taken = Counter[str]()
    steps: dict[str, Edge] = {}
    for (step, edge, fault), times in cells.items():
        steps[step] = edge
        taken[step] += 0 if fault else times
    lines = ["| step | none | " + " | ".join(Fault) + " |", "|---" * (len(Fault) + 2) + "|"]
    for step, edge in sorted(steps.items()):
        shown = [
            str(cells.get((step, edge, fault), 0)) if fault in APPLICABLE[edge] else ""
            for fault in Fault
        ]
        lines.append(f"| {step} | {taken[step]} | " + " | ".join(shown) + " |")
    return "\n".join(lines)
