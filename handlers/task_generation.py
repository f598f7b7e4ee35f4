"""Lambda entry task-generation: one action in, its validated tasks kept beside its work item."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from pydantic import Field

from handlers.contract.environment import Env
from handlers.contract.events import Id, Step
from handlers.contract.functions import TASK_GENERATION
from handlers.generation.model import Model
from handlers.generation.time_budget import CONNECT_SECONDS, TimeBudget
from handlers.generation.worker import Job, Worker
from handlers.observability.telemetry import Telemetry
from handlers.storage.execution_table import ExecutionTable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_dynamodb import DynamoDBClient

telemetry = Telemetry(TASK_GENERATION)


class _Generate(Step):
    action_id: Id
    deadline: int = Field(gt=0, strict=True)


@telemetry.observe(correlation_id_path="executionId")
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """`{executionId, goalId, requestId?, actionId, deadline}` -> `{actionId, taskCount}`.

    deadline: when the execution times out, in epoch seconds.
    """
    asked = _Generate.parse(event)
    ids = {**asked.ids, "actionId": asked.action_id}
    telemetry.identify(**ids)
    job = Job(asked.execution_id, asked.action_id, asked.deadline, ids)
    budget = TimeBudget(
        call_timeout_seconds=_call_timeout_seconds(),
        deadline=job.deadline,
        remaining_ms=context.get_remaining_time_in_millis,
    )
    return {"actionId": job.action_id, "taskCount": _worker().generate(job, budget)}


def _call_timeout_seconds() -> float:
    return float(os.environ[Env.MODEL_CALL_TIMEOUT_SECONDS])


@cache
def _worker() -> Worker:
    # The state machine retries, with longer pauses than boto could take within a function.
    bedrock: BedrockRuntimeClient = boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "bedrock-runtime",
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=_call_timeout_seconds(),
        ),
    )
    dynamodb: DynamoDBClient = boto3.client(  # pyright: ignore[reportUnknownMemberType]
        "dynamodb",
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=2,
            read_timeout=5,
        ),
    )
    model = Model(bedrock, os.environ[Env.BEDROCK_MODEL])
    if model.price is None:
        telemetry.logger.warning(
            "no price is known for this model here: its calls are accounted for at no cost",
            model=model.model_id,
            region=bedrock.meta.region_name,
        )
    table = ExecutionTable(dynamodb, os.environ[Env.TABLE_NAME], int(os.environ[Env.TTL_DAYS]))
    return Worker(table, model, telemetry)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _worker()  # in Lambda's init phase, which provisioned concurrency runs ahead of time
