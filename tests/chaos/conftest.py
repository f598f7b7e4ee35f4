"""The emulator's table and a real PostgreSQL, which the simulation's stand-ins are held to."""

from tests.handlers.conftest import (
    aws,
    database_url,
    dynamodb,
    one_at_a_time,
    product_url,
)

__all__ = ["aws", "database_url", "dynamodb", "one_at_a_time", "product_url"]
