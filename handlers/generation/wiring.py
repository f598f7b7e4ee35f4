"""The worker of this function, with its clients."""

from functools import cache

from handlers.contract.environment import GenerationVariables, read
from handlers.generation.model import Model
from handlers.generation.time_budget import CONNECT_SECONDS
from handlers.generation.worker import Worker
from handlers.observability.telemetry import Telemetry
from handlers.runtime.clients import STEADY, Patience, client
from handlers.storage.table import table


@cache
def worker(telemetry: Telemetry) -> Worker:
    """The worker; its model calls are made once, since the state machine retries them."""
    variables = read(GenerationVariables)
    one_attempt = Patience(CONNECT_SECONDS, variables.MODEL_CALL_TIMEOUT_SECONDS, attempts=1)
    bedrock = client("bedrock-runtime", one_attempt)
    model = Model(bedrock, variables.BEDROCK_MODEL)
    if model.price is None:
        telemetry.logger.warning(
            "no price is known for this model here: its calls are accounted for at no cost",
            model=model.model_id,
            region=bedrock.meta.region_name,
        )
    return Worker(table(STEADY).work_items, model, telemetry)
