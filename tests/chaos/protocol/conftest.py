"""The handlers' table and database, for the processes that follow the model."""

from tests.handlers.conftest import (
    aws,
    database_url,
    dynamodb,
    functions_are_held_to_their_roles,
    metrics_have_an_environment,
    one_at_a_time,
    product_url,
    world,
)

__all__ = [
    "aws",
    "database_url",
    "dynamodb",
    "functions_are_held_to_their_roles",
    "metrics_have_an_environment",
    "one_at_a_time",
    "product_url",
    "world",
]
