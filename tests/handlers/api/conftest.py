"""The API's functions around the world of the handlers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from handlers import stores, watching
from handlers.contract import Env
from tests.handlers.gateway import Answer, User, request
from tests.handlers.world import MACHINE, TABLE_NAME, Goal, World, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass
class Calls:
    """What was asked of AWS, as (service, operation, parameters)."""

    made: list[tuple[str, str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, str, dict[str, Any]]]
    )

    def operations(self) -> list[str]:
        return [operation for _, operation, _ in self.made]


@pytest.fixture
def environment(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment that the API's functions get, but for the database."""
    secret = client("secretsmanager").create_secret(Name="jwt", SecretString=f"jwt-{uuid4()}")
    for name, value in {
        Env.TABLE_NAME: TABLE_NAME,
        Env.TTL_DAYS: "90",
        Env.STATE_MACHINE_ARN: MACHINE,
        Env.JWT_SECRET_ARN: secret["ARN"],
    }.items():
        monkeypatch.setenv(name, value)
    _start_cold()
    yield
    _start_cold()


@pytest.fixture
def api(
    environment: None, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Answer]]:
    """Send requests to all functions, the database behind them."""
    monkeypatch.setenv(Env.DATABASE_URL_SECRET_ARN, world.secret_arn)
    yield request
    stores.stores().database.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What functions that start cold from here on ask of AWS."""
    from botocore.client import BaseClient

    calls = Calls()
    call = BaseClient._make_api_call  # pyright: ignore

    def record(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        calls.made.append((client.meta.service_model.service_name, operation, parameters))
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return calls


@pytest.fixture
def owner(goal: Goal) -> User:
    return User(goal.user_id)


@pytest.fixture
def stranger(world: World) -> User:
    """A user with a goal of their own."""
    return User(world.add_goal().user_id)


@pytest.fixture
def admin() -> User:
    return User(str(uuid4()), ("users", "admin"))


@pytest.fixture
def dynamodb(dynamodb: "DynamoDBClient") -> "DynamoDBClient":
    for index, attribute in (("userId-index", "userId"), ("month-index", "month")):
        dynamodb.update_table(
            TableName=TABLE_NAME,
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in (attribute, "pk")
            ],
            GlobalSecondaryIndexUpdates=[
                {
                    "Create": {
                        "IndexName": index,
                        "KeySchema": [
                            {"AttributeName": attribute, "KeyType": "HASH"},
                            {"AttributeName": "pk", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                }
            ],
        )
    return dynamodb


def _start_cold() -> None:
    for made_once in (stores.stores, stores.state_machine, watching.table, watching.cursor_key):
        made_once.cache_clear()
