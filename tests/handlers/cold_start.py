"""What a function makes once per cold start."""

from handlers.api.cursors import cursor_key
from handlers.contract import environment
from handlers.executions.notifications import notifications_topic
from handlers.executions.state_machine import startable_state_machine, state_machine
from handlers.generation.wiring import worker
from handlers.runtime.clients import client
from handlers.slack.wiring import sender
from handlers.storage.stores import stores
from handlers.storage.table import table

_MADE_ONCE = (
    client,
    cursor_key,
    environment.validated,
    notifications_topic,
    sender,
    startable_state_machine,
    state_machine,
    stores,
    table,
    worker,
)


def start_cold() -> None:
    """Forget everything, as a new sandbox of Lambda does."""
    if stores.cache_info().currsize:
        stores().database.close()
    for made_once in _MADE_ONCE:
        made_once.cache_clear()
