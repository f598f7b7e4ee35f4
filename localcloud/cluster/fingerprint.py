"""A hash of everything a cloud is made from; another hash means that it must be made again."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from localcloud.cluster.state import CHECKOUT

SETTINGS = ("WORKFLOW_TIMEOUT", "MAX_BATCH_CONCURRENCY", "MAX_ACTION_CONCURRENCY", "BATCH_SIZE")
"""Environment variables that change what the program declares."""

_FOLDERS = ("components", "handlers", "localcloud", "requirements")
_FILES = ("__main__.py", "Pulumi.yaml", "Pulumi.local.yaml")
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE", "OPENAI_API_KEY")


def fingerprint(upstream: str, checkout: Path = CHECKOUT) -> str:
    """A hash of the sources, the settings in the environment, the Python and the upstream.

    With an upstream the caller's credentials count too, since the model server keeps those that it
    was started with.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(checkout)):
        digest.update(f"{path.relative_to(checkout)}\0".encode() + path.read_bytes() + b"\0")
    names = (*SETTINGS, *_CREDENTIALS) if upstream else SETTINGS
    values = [f"{name}={os.environ.get(name)}" for name in names]
    digest.update("\0".join([sys.executable, sys.version, upstream, *values]).encode())
    return digest.hexdigest()


def _sources(checkout: Path) -> Iterator[Path]:
    yield from (path for name in _FILES if (path := checkout / name).is_file())
    for folder in _FOLDERS:
        for path in (checkout / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
