"""Which unknown values a policy has read: what it found after that may follow from them."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")

_this_thread = threading.local()


def touched() -> set[tuple[str, str]]:
    """(URN, property) of each unknown value that this thread has read since the set was cleared."""
    if not hasattr(_this_thread, "touched"):
        _this_thread.touched = set[tuple[str, str]]()
    return _this_thread.touched


class read_once(Generic[_T]):  # noqa: N801 - a decorator, as functools.cached_property
    """A property that is computed once; the unknown values in it count as read each time."""

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        self._compute = compute
        self._name = f"_{compute.__name__}"
        self.__doc__ = compute.__doc__

    def __get__(self, holder: Any, _: Any = None) -> _T:
        """The value, and what is unknown in it is touched."""
        if self._name not in holder.__dict__:
            before = frozenset(touched())
            touched().clear()
            value = self._compute(holder)
            holder.__dict__[self._name] = (value, frozenset(touched()))
            touched().update(before)
        value, unknown = holder.__dict__[self._name]
        touched().update(unknown)
        return value
