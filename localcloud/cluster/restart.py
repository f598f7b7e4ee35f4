"""Starting a server of a durable cloud again after it was killed, with its port and its data."""

from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from localcloud.aws import SNAPSHOT_PATH
from localcloud.cluster import processes, servers
from localcloud.cluster.state import CloudState, write_state

_SNAPSHOT_SECONDS = 60


def take_snapshot(endpoint: str) -> None:
    """Make the emulator save its state: what happens after that, it keeps by itself."""
    opener = build_opener(ProxyHandler({}))
    opener.open(endpoint + SNAPSHOT_PATH, timeout=_SNAPSHOT_SECONDS).close()


def restart(folder: Path, state: CloudState, name: str) -> CloudState:
    """Start PostgreSQL or the emulator again, and wait until it answers. Raises LocalCloudError.

    PostgreSQL keeps all that was committed. What the emulator keeps: `localcloud.aws.journal`.
    """
    (port,) = (server.port for server in state.servers if server.name == name)
    server = (
        servers.emulator(folder, port, durable=True)
        if name == servers.EMULATOR
        else servers.postgresql(folder, port)
    )
    record = processes.start_again(folder, server)
    others = tuple(each for each in state.servers if each.name != name)
    restarted = state.model_copy(update={"servers": (*others, record)})
    write_state(folder, restarted)
    return restarted
