"""A function whose result for an object is kept until `clear`."""

import threading
from collections.abc import Callable
from typing import Any


class OncePerObject(threading.local):
    """A function whose result for an object is kept until `clear`.

    It also keeps the object, so that no new one can get its identity. Each thread has results of
    its own, since the engine sends several requests at once.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._results: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any, *options: Any) -> Any:
        """The result; with options it is not kept."""
        if options:
            return self._function(value, *options)
        kept = self._results.get(id(value))
        if kept is None:
            kept = self._results[id(value)] = (value, self._function(value))
        return kept[1]

    def clear(self) -> None:
        """Drop all results."""
        self._results.clear()
