"""The API's functions in a world that the tests of a module share; each test adds its own goals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import pytest
from moto import mock_aws

from handlers.contract.environment import Env
from tests.handlers.cold_start import start_cold
from tests.handlers.gateway import ApiAnswer, User, request
from tests.handlers.world import MACHINE, TABLE_NAME, ProductGoal, World, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Api = Callable[..., ApiAnswer]


@dataclass
class Calls:
    """What was asked of AWS, as (operation, parameters)."""

    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.made]


@pytest.fixture(scope="module")
def world(product_url: str) -> Iterator[World]:
    """Database, table and state machine, and the functions' environment that leads to them."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for variable, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_REGION": "ap-northeast-1",
        }.items():
            environment.setenv(variable, value)
        dynamodb: DynamoDBClient = client("dynamodb")
        create_table(dynamodb)
        world = World(product_url, dynamodb)
        secret = client("secretsmanager").create_secret(Name="jwt", SecretString=str(uuid4()))
        for variable, value in {
            Env.TABLE_NAME: TABLE_NAME,
            Env.TTL_DAYS: "90",
            Env.STATE_MACHINE_ARN: MACHINE,
            Env.TRACED_PERCENT: "100",
            Env.DATABASE_URL_SECRET_ARN: world.secret_arn,
            Env.JWT_SECRET_ARN: secret["ARN"],
        }.items():
            environment.setenv(variable, value)
        start_cold()
        yield world
        start_cold()
        world.close()


@pytest.fixture
def api(world: World) -> Api:
    """Sends requests: `api(user, method, target, ...)`."""
    return request


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is asked of AWS from here on."""
    from botocore.client import BaseClient

    calls = Calls()
    call: Callable[..., Any] = BaseClient._make_api_call  # pyright: ignore

    def record(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        calls.made.append((operation, parameters))
        return cast(Any, call(client, operation, parameters))

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    return calls


@pytest.fixture
def owner(goal: ProductGoal) -> User:
    return User(goal.user_id)


@pytest.fixture
def stranger(world: World) -> User:
    """A user with a goal of their own."""
    return User(world.add_goal().user_id)


@pytest.fixture
def admin() -> User:
    return User(str(uuid4()), ("users", "admin"))


@pytest.fixture
def execution(world: World, goal: ProductGoal) -> str:
    """An execution of the goal whose work is laid out."""
    execution_id = world.start(goal)
    world.prepare(goal, execution_id)
    return execution_id


def create_table(dynamodb: "DynamoDBClient") -> None:
    """The table of executions with its keys and indexes."""
    indexes = {"goalId-index": "goalId", "userId-index": "userId", "month-index": "month"}
    dynamodb.create_table(
        TableName=TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("pk", "sk", *indexes.values())
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": attribute, "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, attribute in indexes.items()
        ],
    )
