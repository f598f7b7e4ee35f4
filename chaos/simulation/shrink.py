"""The shortest history that still breaks an invariant: faults and moves are left out in turns."""

from collections.abc import Callable, Sequence


def shortest(causes: Sequence[str], breaks: Callable[[Sequence[str]], bool]) -> list[str]:
    """The causes without those that are not needed (ddmin: Zeller and Hildebrandt, 2002).

    breaks: whether these causes alone still break something. None of the result can be left out.
    """
    left, parts = list(causes), 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        for start in range(0, len(left), size):
            without = left[:start] + left[start + size :]
            if breaks(without):
                left, parts = without, max(parts - 1, 2)
                break
        else:
            if parts >= len(left):
                break
            parts = min(parts * 2, len(left))
    return left if left and not breaks([]) else []
