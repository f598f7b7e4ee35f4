"""The lock under which one command at a time changes a cloud."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, on_wait: Callable[[], None]) -> Generator[None]:
    """Hold the lock of a state folder; `on_wait` is called if another process holds it.

    The lock is on the folder's parent: it leaves no file behind, and the kernel releases it when
    its holder dies.
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
