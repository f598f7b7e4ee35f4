"""The worker of this function, with its clients."""

from functools import cache

from handlers.contract.clock import utc_now
from handlers.contract.environment import env
from handlers.generation.calls import Calls
from handlers.generation.model import Model
from handlers.generation.time_budget import CONNECT_SECONDS
from handlers.generation.worker import Worker
from handlers.observability.telemetry import Telemetry
from handlers.runtime.clients import STEADY, Patience, client
from handlers.storage.access import table_access
from handlers.storage.attempts import Attempts
from handlers.storage.turns import Turns
from handlers.storage.work_items import WorkItems


@cache
def worker(telemetry: Telemetry) -> Worker:
    """The worker; its model calls are made once, since the state machine retries them."""
    one_attempt = Patience(CONNECT_SECONDS, env.MODEL_CALL_TIMEOUT_SECONDS, attempts=1)
    bedrock = client("bedrock-runtime", one_attempt)
    model = Model(bedrock, env.BEDROCK_MODEL)
    if model.price is None:
        telemetry.logger.warning(
            "no price is known for this model here: its calls are accounted for at no cost",
            model=model.model_id,
            region=bedrock.meta.region_name,
        )
    access = table_access(STEADY)
    turns = Turns(access.client, access.table_name)

    def note_throttling() -> None:
        if env.MODEL_BUDGET_PER_MINUTE:
            turns.note_throttling(utc_now().timestamp())

    attempts = Attempts(*access)
    calls = Calls(attempts, telemetry, note_throttling, env.HEDGE_AFTER_SECONDS)
    return Worker(WorkItems(*access), attempts, model, calls, telemetry, note_throttling)
