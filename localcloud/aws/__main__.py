"""Serve the emulator: MiniStack with the functions of `localcloud.aws.replacements`."""

import argparse
import asyncio
import os
import resource
import signal
from collections.abc import Callable
from importlib.metadata import version
from threading import Thread
from typing import Any

PINNED_VERSION = "1.5.33"


def main() -> None:
    """Serve until SIGTERM or SIGINT, then end every function."""
    parser = argparse.ArgumentParser("python -m localcloud.aws", description=__doc__)
    parser.add_argument(
        "--lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long a new role, its policies and a key's alias take to count (default: 0)",
    )
    arguments = parser.parse_args()
    check_version(version("ministack"))
    # these import MiniStack, whose version must be checked first
    from localcloud.aws import consistency, journal, ministack, traces  # noqa: PLC0415
    from localcloud.aws.executions import definitions  # noqa: PLC0415
    from localcloud.aws.functions import workers  # noqa: PLC0415
    from localcloud.aws.permissions import model_permission  # noqa: PLC0415
    from localcloud.aws.replacements import REPLACEMENTS  # noqa: PLC0415

    for replacement in REPLACEMENTS:
        replacement.install()
    consistency.lag(arguments.lag)
    # loads while the first requests create resources that do not need the parser
    Thread(target=definitions.load_parser, daemon=True).start()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    try:
        traces.listen()
        serving = journal.answering(model_permission.answering(ministack.app.app))
        asyncio.run(_serve(serving, workers.end_all))
    except OSError as error:
        raise SystemExit(f"The emulator cannot serve: {error}") from error


def check_version(found: str) -> None:
    """Raise SystemExit, with what to do, for a version whose private functions are not known."""
    if found != PINNED_VERSION:
        raise SystemExit(
            f"The emulator replaces parts of MiniStack {PINNED_VERSION}, but version {found} is "
            f"installed: install ministack=={PINNED_VERSION}, or adapt localcloud/aws and "
            "run tests/localcloud/aws/fidelity"
        )


async def _serve(app: Any, end_functions: Callable[[], None]) -> None:
    # MiniStack's own shutdown waits for every function that runs
    import hypercorn.asyncio  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)

    async def until_signalled() -> None:
        await signalled.wait()
        await asyncio.to_thread(end_functions)

    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"
    server: Any = hypercorn.asyncio
    await server.serve(app, config, shutdown_trigger=until_signalled)
    end_functions()


if __name__ == "__main__":
    main()
