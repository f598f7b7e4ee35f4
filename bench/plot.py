"""A section's figures as an SVG drawing: a dot for the median, a line from lowest to highest."""

import math
from collections.abc import Sequence
from html import escape

from bench.figures import Figure

_LABEL, _SCALE, _VALUE, _ROW, _MARGIN = 430, 380, 60, 24, 14
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100)
_MOST_TICKS = 8


def draw(figures: Sequence[Figure]) -> str:
    """The drawing. Its scale begins at 0, so that lengths compare; a dashed line marks 1."""
    top = max(1.0, *(max(figure.samples) for figure in figures))
    step = next(
        (each for each in _STEPS if top / each <= _MOST_TICKS), math.ceil(top / _MOST_TICKS)
    )
    end = math.ceil(top / step) * step
    width = _LABEL + _SCALE + _VALUE
    height = _MARGIN + _ROW * (len(figures) + 1)

    def across(value: float) -> float:
        return _LABEL + value / end * _SCALE

    ticks = [number * step for number in range(round(end / step) + 1)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(_tick(across(tick), tick, height) for tick in ticks),
        f'<line x1="{across(1):.1f}" x2="{across(1):.1f}" y1="{_MARGIN}" y2="{height - _ROW}" '
        'stroke="#c33" stroke-dasharray="4 3"/>',
    ]
    for number, figure in enumerate(figures):
        y = _MARGIN + _ROW * (number + 0.5)
        low, high = across(min(figure.samples)), across(max(figure.samples))
        parts += [
            f'<text x="{_LABEL - 10}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(figure.name)}</text>",
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#369" stroke-width="3"/>',
            f'<circle cx="{across(figure.median):.1f}" cy="{y:.1f}" r="5" fill="#036"/>',
            f'<text x="{width - 8}" y="{y + 4:.1f}" text-anchor="end">{figure.median:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


def _tick(x: float, value: float, height: int) -> str:
    bottom = height - _ROW
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_MARGIN}" y2="{bottom}" stroke="#ddd"/>'
        f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle" fill="#666">{value:g}</text>'
    )
