"""A Pulumi program's folder, run in this process by Pulumi's Automation API."""

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

_SERVER = logging.getLogger("grpc._server")
_LOG: Any = pulumi.log
_CLOSING_SECONDS = 1.0


@dataclass
class InlineProgram:
    """The `__main__.py` of a folder, from which it may import modules of its own."""

    folder: Path
    _loops: list[asyncio.AbstractEventLoop] = field(default_factory=list[asyncio.AbstractEventLoop])

    def __call__(self) -> None:
        """Declare everything."""
        self._loops.append(asyncio.get_running_loop())
        sys.path.insert(0, str(self.folder))
        try:
            runpy.run_path(str(self.folder / "__main__.py"), run_name="pulumi_program")
        finally:
            sys.path.remove(str(self.folder))

    @contextmanager
    def running(self) -> Generator[None]:
        """While the engine runs it: what Pulumi's SDK (3.272) does not do by itself.

        Four times a resource it tells the engine debugging texts that nobody has asked for, and
        waits for it. Where a failing engine is gone first, it leaves its event loop open and gRPC
        prints a stack trace (automation/_server.py); what failed is in the engine's events.
        """
        propagate, _SERVER.propagate = _SERVER.propagate, False
        quiet = logging.NullHandler()
        _SERVER.addHandler(quiet)
        debug, _LOG.debug = _LOG.debug, _to_nobody
        try:
            yield
        finally:
            until = time.monotonic() + _CLOSING_SECONDS
            for loop in self._loops:
                while not loop.is_closed() and time.monotonic() < until:
                    time.sleep(0.01)
                if not loop.is_running():
                    loop.close()
            self._loops.clear()
            _LOG.debug = debug
            _SERVER.removeHandler(quiet)
            _SERVER.propagate = propagate


def _to_nobody(*_text: object, **_how: object) -> None:
    pass
