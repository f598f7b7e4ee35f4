"""A session whose answers a test changes: for what the embedded cloud cannot be made to show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.cluster.state import CloudState

Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Altered:
    """Clients of the embedded cloud; `change` edits the answers of one operation."""

    state: CloudState
    service: str
    operation: str
    change: Change

    def client(self, service: str) -> Any:
        client = self.state.client(service)
        if service == self.service:
            service_id = client.meta.service_model.service_id.hyphenize()
            client.meta.events.register(f"after-call.{service_id}.{self.operation}", self._alter)
        return client

    def _alter(self, parsed: dict[str, Any], **_rest: Any) -> None:
        self.change(parsed)
