"""Write the zip, and read it back before it counts as written."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ops.problems import OperatorError
from ops.support.detectors import kinds_in

MANIFEST = "manifest.json"
_PRIVATE = 0o600


def write(file: Path, texts: Mapping[str, str], stack: str, made_at: datetime) -> dict[str, str]:
    """The zip with a manifest; its files' checksums (SHA-256) as they were read back.

    Raises OperatorError, and leaves no file, if a text holds what looks like a secret, or if the
    zip does not read back as it was written.
    """
    for name, text in texts.items():
        if kinds := kinds_in(text):
            raise OperatorError(
                f"{name} would hold what looks like a secret ({', '.join(sorted(kinds))}): nothing"
                " was written; report it as a defect of ops/support"
            )
    sums = {name: _sum(text.encode()) for name, text in texts.items()}
    manifest = {"format": 1, "stack": stack, "madeAt": made_at.isoformat(), "sha256": sums}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=_PRIVATE)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
        for name, text in texts.items():
            archive.writestr(name, text)
    if (found := read_back(file)) != sums:
        file.unlink()
        wrong = sorted({*found.items()} ^ {*sums.items()})
        raise OperatorError(f"{file.name} does not read back as written: {wrong[0][0]}")
    return found


def read_back(file: Path) -> dict[str, str]:
    """Name -> SHA-256 of what a bundle holds beside its manifest."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name != MANIFEST]
        return {name: _sum(archive.read(name)) for name in names}


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
