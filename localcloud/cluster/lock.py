"""One command at a time changes the cloud of a checkout."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, on_wait: Callable[[], None]) -> Generator[None]:
    """Hold the lock of a state folder; `on_wait` is called if somebody else holds it.

    It is a lock on the folder's parent: no file to leave behind, and the kernel lets it go when its
    holder dies.
    """
    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
