"""A number with its noun."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 action`, `2 actions`."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
