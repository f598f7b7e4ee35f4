"""A program that Pulumi's Automation API runs in this process (an inline program)."""

import asyncio
import logging
import runpy
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from declared.sdk_cost import without_stack_traces

_SERVER = logging.getLogger("grpc._server")
_LOG: Any = pulumi.log
_IDLE_SECONDS, _MOST_SECONDS = 1.0, 60.0


@dataclass
class InlineProgram:
    """The `__main__.py` of a folder; it may import modules of that folder."""

    folder: Path
    _loops: list[asyncio.AbstractEventLoop] = field(default_factory=list[asyncio.AbstractEventLoop])

    def __call__(self) -> None:
        """Run the program, which declares its resources."""
        self._loops.append(asyncio.get_running_loop())
        sys.path.insert(0, str(self.folder))
        try:
            runpy.run_path(str(self.folder / "__main__.py"), run_name="pulumi_program")
        finally:
            sys.path.remove(str(self.folder))

    @contextmanager
    def running(self) -> Generator[None]:
        """Work around faults of Pulumi's SDK (3.272) while the engine runs the program.

        The SDK sends the engine four debug messages a resource and waits for each, and notes where
        the program declares it, which only the engine's own file of the state keeps. And if the
        engine fails and ends first, the SDK leaves its event loop open and gRPC prints a stack
        trace (automation/_server.py), although the failure is in the engine's events.
        """
        propagate, _SERVER.propagate = _SERVER.propagate, False
        quiet = logging.NullHandler()
        _SERVER.addHandler(quiet)
        debug, _LOG.debug = _LOG.debug, _ignore
        try:
            with without_stack_traces():
                yield
        finally:
            while self._loops:
                _close(self._loops.pop())
            _LOG.debug = debug
            _SERVER.removeHandler(quiet)
            _SERVER.propagate = propagate


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop as soon as the SDK has left it, open or not: it has not run for a second.

    On a busy machine the program may go on for many seconds after the engine has ended.
    """
    give_up = time.monotonic() + _MOST_SECONDS
    idle_since = time.monotonic()
    while not loop.is_closed() and time.monotonic() < min(idle_since + _IDLE_SECONDS, give_up):
        if loop.is_running():
            idle_since = time.monotonic()
        time.sleep(0.01)
    if not loop.is_running():
        loop.close()


def _ignore(*_text: object, **_how: object) -> None:
    pass
