"""The picture of a power-tuning run: time and cost by size, as one SVG without a script."""

from collections.abc import Callable, Sequence

from ops.trace.markup import Markup, tag
from ops.tune.memory import Size

_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 640, 60, 300
_STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #333 }
    .time { stroke: #0b66c3; fill: #0b66c3 } .cost { stroke: #b3530b; fill: #b3530b }
    path { stroke-width: 2; fill: none !important } .axis { stroke: #999 } text { stroke: none }
    @media (prefers-color-scheme: dark) { text { fill: #ddd } rect { fill: #1a1a1a } }
"""


def drawing(name: str, sizes: Sequence[Size], note: str) -> str:
    """Two curves over the sizes: the median time (left) and the cost of a million calls (right)."""
    best = min(sizes, key=lambda size: size.usd_per_million)
    fastest = min(sizes, key=lambda size: size.median_ms)
    title = f"{name}: cheapest {best.memory_mb} MB, fastest {fastest.memory_mb} MB"
    return str(
        tag(
            "svg",
            tag("title", title),
            tag("style", Markup(_STYLE)),
            tag("rect", width=f"{_WIDTH}", height=f"{_HEIGHT}", fill="#fff"),
            tag("text", title, x="20", y="24"),
            tag("text", note, x="20", y=f"{_HEIGHT - 10}"),
            _path(f"M{_LEFT},{_TOP} V{_BOTTOM} H{_RIGHT} V{_TOP}", "axis"),
            *_curve(sizes, "time", _time, "ms", x=_LEFT, anchor="start"),
            *_curve(sizes, "cost", _cost, "USD / million", x=_RIGHT, anchor="end"),
            *(
                tag("text", f"{size.memory_mb}", x=f"{x:.0f}", y=f"{_BOTTOM + 20}",
                    text_anchor="middle")
                for size, x in zip(sizes, _places(len(sizes)), strict=True)
            ),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
            role="img",
            aria_label=title,
        )
    )  # fmt: skip


def _time(size: Size) -> float:
    return size.median_ms


def _cost(size: Size) -> float:
    return size.usd_per_million


def _curve(
    sizes: Sequence[Size],
    class_: str,
    value: Callable[[Size], float],
    unit: str,
    *,
    x: int,
    anchor: str,
) -> list[Markup]:
    values = [value(size) for size in sizes]
    top = max(values) or 1
    points = [
        (place, _BOTTOM - (_BOTTOM - _TOP) * each / top)
        for place, each in zip(_places(len(sizes)), values, strict=True)
    ]
    return [
        _path("M" + " L".join(f"{a:.1f},{b:.1f}" for a, b in points), class_),
        *(
            tag("g", tag("title", f"{size.memory_mb} MB: {each:,.2f} {unit}"),
                tag("circle", cx=f"{a:.1f}", cy=f"{b:.1f}", r="4", class_=class_))
            for size, each, (a, b) in zip(sizes, values, points, strict=True)
        ),
        tag("text", f"{top:,.4g} {unit}", x=f"{x}", y=f"{_TOP - 12}", text_anchor=anchor,
            class_=class_),
    ]  # fmt: skip


def _places(count: int) -> list[float]:
    step = (_RIGHT - _LEFT) / (count + 1)
    return [_LEFT + step * number for number in range(1, count + 1)]


def _path(d: str, class_: str) -> Markup:
    return tag("path", d=d, class_=class_)
