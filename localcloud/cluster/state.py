"""The state of a running cloud: endpoints, ids and demo users, in a file for its owner only."""

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from localcloud.aws.clients import ROOT, client
from localcloud.errors import LocalCloudError

CHECKOUT = Path(__file__).resolve().parents[2]
STATE_FOLDER = CHECKOUT / ".localcloud"
STACK = "local"


_M = TypeVar("_M", bound=BaseModel)


_FOLDER_ERRORS = (
    errno.EACCES,
    errno.EDQUOT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
)


class _StateModel(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid"
    )


class ServerRecord(_StateModel):
    """A server process.

    started_at: Unix seconds; distinguishes it from a later process with the same pid.
    stop_signal: the signal that ends it cleanly.
    """

    name: str
    pid: int
    started_at: float
    port: int
    stop_signal: int


class CloudUser(_StateModel):
    """A demo user; `id` is Cognito's `sub` and the product's `users.id`."""

    id: str
    email: str
    password: str
    groups: tuple[str, ...] = ()


class CloudState(_StateModel):
    """A cloud that is up.

    fingerprint: hash of the program, the code and the settings that it was made from.
    upstream: where the model server gets its answers: "" (its built-in model), "bedrock" or a URL.
    slack_url: URL of the sink for Slack messages, which shows them.
    demo_goals: goal ids by the name of their file; they belong to `users.DEMO_USER`.
    exports: the stack's exports.
    known_gaps: declared properties that the emulator does not hold (`provision.known_gaps`).
    """

    fingerprint: str
    upstream: str
    endpoint: str
    region: str
    account_id: str
    database_url: str
    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    table_name: str
    state_machine_arn: str
    model_server_url: str
    slack_url: str
    notifications_topic_arn: str
    demo_goals: dict[str, str]
    users: dict[str, CloudUser]
    servers: tuple[ServerRecord, ...]
    exports: dict[str, Any]
    known_gaps: tuple[str, ...] = ()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by the server's name."""
        return {server.name: server.pid for server in self.servers}

    def client(self, service: Any) -> Any:
        """A boto3 client of the cloud, with root's credentials."""
        return client(service, self.endpoint, ROOT, self.region)


class _ServerList(_StateModel):
    servers: tuple[ServerRecord, ...]


def write_state(folder: Path, state: CloudState) -> None:
    """Write the state; from now on the cloud counts as up."""
    _write(folder / "state.json", state)


def read_state(folder: Path) -> CloudState | None:
    """The state of the cloud in a folder; None if no cloud was brought up completely."""
    return _read(folder / "state.json", CloudState)


def write_servers(folder: Path, servers: tuple[ServerRecord, ...]) -> None:
    """Record the servers started, so that another command finds them if this one is killed."""
    _write(folder / "servers.json", _ServerList(servers=servers))


def read_servers(folder: Path) -> tuple[ServerRecord, ...]:
    """The servers that were started, alive or not."""
    found = _read(folder / "servers.json", _ServerList)
    return found.servers if found else ()


@contextmanager
def folder_errors_explained(folder: Path) -> Generator[None]:
    """Raise LocalCloudError if the folder cannot be written to: permissions, no space left."""
    try:
        yield
    except OSError as error:
        if error.errno in _FOLDER_ERRORS:
            where = f" ({error.filename})" if error.filename else ""
            raise LocalCloudError(
                f"The local cloud's folder {folder} cannot be used: {error.strerror}{where}.\n"
                "Free some space or grant access to it, then run the command again."
            ) from error
        raise


def _write(path: Path, value: BaseModel) -> None:
    # replaced in one step, so that no reader sees half a file; mkstemp makes it 0600
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w") as file:
        file.write(value.model_dump_json(by_alias=True, indent=2))
    Path(name).replace(path)


def _read(path: Path, model: type[_M]) -> _M | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
