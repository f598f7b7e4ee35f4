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

_SERVER = logging.getLogger("grpc._server")
_CLOSING_SECONDS = 1.0


@dataclass
class Program:
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
        """While the engine runs it: tidy up where the engine is gone before the SDK is done.

        Pulumi 3.272 then neither closes its event loop nor spares us gRPC's stack trace
        (automation/_server.py logs to the engine first); what failed is in the engine's events.
        """
        propagate, _SERVER.propagate = _SERVER.propagate, False
        quiet = logging.NullHandler()
        _SERVER.addHandler(quiet)
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
            _SERVER.removeHandler(quiet)
            _SERVER.propagate = propagate
