"""The 8 x 8 grid: sub-goals around the goal, actions around each, as the mandala chart has them."""

from collections.abc import Sequence

from ops.trace.language import Words
from ops.trace.markup import Markup, tag
from ops.trace.picture import ActionTrace, Picture

_AROUND = 8
_MIDDLE = 4


def mandala(picture: Picture, say: Words) -> Markup:
    """Nine blocks of nine cells; each action leads to its row in the timeline."""
    blocks = [_block(number, group, say) for number, group in enumerate(picture.sub_goals, 1)]
    blocks += [tag("div", class_="block empty")] * (_AROUND - len(blocks))
    kept = sum(action.is_kept for action in picture.actions)
    middle = tag("div", tag("strong", f"{kept}/{len(picture.actions)}"), class_="block goal")
    blocks.insert(_MIDDLE, middle)
    return tag(
        "section",
        tag("h2", say("Actions"), id="actions"),
        tag("div", *blocks, class_="mandala"),
        tag("p", say("✓ tasks kept · ✗ failed for good · · not ended"), class_="legend"),
    )


def _block(number: int, actions: Sequence[ActionTrace], say: Words) -> Markup:
    kept = sum(action.is_kept for action in actions)
    cells = [_cell(action) for action in actions]
    cells += [tag("span", class_="cell")] * (_AROUND - len(cells))
    middle = tag("span", f"{kept}/{len(actions)}", class_="cell sub-goal")
    cells.insert(_MIDDLE, middle)
    label = say("sub-goal {number}", number=str(number))
    return tag("div", *cells, class_="block", role="group", aria_label=label)


def _cell(action: ActionTrace) -> Markup:
    mark, class_ = "·", "open"
    if action.has_failed:
        mark, class_ = "✗", "failed"
    elif action.is_kept:
        mark, class_ = f"✓{action.task_count}", "kept"
    return tag(
        "a",
        mark,
        href=f"#action-{action.place}",
        class_=f"cell {class_}",
        aria_label=f"{action.place}: {action.status.lower()} {action.error_code}".rstrip(),
        title=f"{action.place} {action.error_code}".rstrip(),
    )
