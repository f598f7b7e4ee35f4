"""An environment a peer: made by uv from its own lock, kept in .build; servers from npm and Go."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from declared.program import ROOT

LOCKS = ROOT / "requirements" / "peers"
_FOLDER = ROOT / ".build" / "peers"
_TEMPORAL = "go.temporal.io/server/cmd/server@v1.32.1"
_MINUTES = 15


class PeerUnavailableError(Exception):
    """The peer cannot run on this machine; the message says why."""


def python_of(peer: str) -> Path:
    """The Python of a peer's environment, made if its lock has changed."""
    lock = LOCKS / f"{peer}.txt"
    folder = _FOLDER / peer
    stamp = folder / f"{hashlib.sha256(lock.read_bytes()).hexdigest()}.stamp"
    python = folder / "bin" / "python"
    if not stamp.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        _run(
            [uv, "pip", "sync", "--quiet", "--require-hashes", str(lock)],
            {"VIRTUAL_ENV": str(folder)},
        )
        stamp.touch()
    return python


def restate_server() -> Path:
    """Restate's server, from its npm package."""
    folder = _FOLDER / "restate-server"
    [*found] = folder.glob("node_modules/@restatedev/restate-server-*/bin/restate-server")
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCKS / "restate-server" / name, folder)
        _run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)])
        [*found] = folder.glob("node_modules/@restatedev/restate-server-*/bin/restate-server")
    if not found:
        raise PeerUnavailableError("npm has no Restate server for this machine")
    return found[0]


def temporal_server() -> Path:
    """Temporal's server, built from its Go module: the CLI's cannot be, for it replaces modules."""
    binary = _FOLDER / "temporal-server" / "server"
    if not binary.exists():
        _run(["go", "install", _TEMPORAL], {"GOBIN": str(binary.parent)})
    return binary


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    try:
        subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=True,
            timeout=_MINUTES * 60,
        )
    except FileNotFoundError:
        raise PeerUnavailableError(f"this machine has no {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise PeerUnavailableError(
            f"{command[0]} {command[1]} takes more than {_MINUTES} minutes"
        ) from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().splitlines()[-1:] or [f"code {error.returncode}"]
        raise PeerUnavailableError(f"{command[0]} {command[1]} failed: {last[0]}") from None
