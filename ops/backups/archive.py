"""One file that holds a stack: a zip of members and of a manifest with their checksums."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from declared.program import ROOT
from ops.backups.items import Item, Key, item_of, key_of, key_text
from ops.problems import OperatorError

FOLDER = ROOT / ".ops" / "backups"
"""Ignored by Git: archives hold users' texts."""

MANIFEST = "manifest.json"
ITEMS = "items.jsonl"
_CHUNK = 1 << 20
_DAMAGE = (KeyError, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error)
"""What zipfile raises for a file that is not as it was written, BadZipFile apart."""


class Member(BaseModel):
    """sha256: in hexadecimal digits. size: in bytes, not compressed."""

    model_config = ConfigDict(extra="forbid")
    sha256: str
    size: int


class Manifest(BaseModel):
    """What an archive holds.

    schema_version: of this format. began_at, ended_at: items were read in between (UTC).
    commit: of the checkout that made the archive. table_backup: ARN of the table's own backup,
    which was made first. items: how many lines `items.jsonl` has.
    """

    model_config = ConfigDict(extra="forbid")
    schema_version: Literal[1] = 1
    stack: str
    account: str
    region: str
    table: str
    began_at: datetime
    ended_at: datetime
    commit: str | None
    table_backup: str | None
    items: int = 0
    members: dict[str, Member] = {}


class Archive:
    """An archive on disk; every method raises OperatorError if it is damaged."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self.manifest = Manifest.model_validate_json(b"".join(self._chunks(MANIFEST)))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "the whole"
            raise self._damaged(f"{MANIFEST}: {where}: {problem['msg']}") from None

    def read(self, name: str) -> bytes:
        """A member's bytes, if they have the manifest's checksum."""
        content = b"".join(self._chunks(name))
        if hashlib.sha256(content).hexdigest() != self.manifest.members[name].sha256:
            raise self._damaged(f"{name} has another checksum than the manifest says")
        return content

    def items(self) -> dict[Key, Item]:
        """The table's items by key."""
        found = dict[Key, Item]()
        lines = self.read(ITEMS).decode().splitlines()
        for number, text in enumerate(lines, 1):
            try:
                item = item_of(text)
                key = key_of(item)
            except (ValueError, KeyError, TypeError):
                raise self._damaged(f"{ITEMS}, line {number} is no item") from None
            if key in found:
                raise self._damaged(f"{ITEMS}, line {number}: {key_text(key)} is there twice")
            found[key] = item
        if len(found) != self.manifest.items:
            raise self._damaged(
                f"{ITEMS} has {len(found)} items, the manifest {self.manifest.items}"
            )
        return found

    def verify(self) -> None:
        """Read every member again: checksums, sizes, the items one by one."""
        with self._opened() as archive:
            names = {*archive.namelist()}
        expected = {MANIFEST, *self.manifest.members}
        if names != expected:
            odd = ", ".join(sorted(names ^ expected))
            raise self._damaged(f"members and manifest do not agree: {odd}")
        for name, member in self.manifest.members.items():
            digest, size = hashlib.sha256(), 0
            for chunk in self._chunks(name):
                digest.update(chunk)
                size += len(chunk)
            if (digest.hexdigest(), size) != (member.sha256, member.size):
                raise self._damaged(f"{name} has another checksum than the manifest says")
        self.items()

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._opened() as archive, archive.open(name) as member:
                while chunk := member.read(_CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, *_DAMAGE) as error:
            raise self._damaged(f"{name}: {error}") from None

    def _opened(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.file)
        except FileNotFoundError:
            raise OperatorError(
                f"{self.file}: there is no such archive; `python -m ops backup list` lists them"
            ) from None
        except (zipfile.BadZipFile, *_DAMAGE) as error:
            raise self._damaged(str(error)) from None

    def _damaged(self, why: str) -> OperatorError:
        return OperatorError(f"{self.file} is damaged: {why}. Take another archive.")


def write(
    file: Path, manifest: Manifest, members: Iterable[tuple[str, Iterable[bytes]]]
) -> Archive:
    """Write members, then the manifest. The file appears when complete, for its owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, chunks in members:
                member, lines = _add(archive, name, chunks)
                manifest.members[name] = member
                if name == ITEMS:
                    manifest.items = lines
            manifest.ended_at = datetime.now(UTC)
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return Archive(file)


def _add(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> tuple[Member, int]:
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as member:
        for chunk in chunks:
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            count += 1
    return Member(sha256=digest.hexdigest(), size=size), count
