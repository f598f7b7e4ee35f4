"""A table and a product database for the handlers, fresh in every test."""

from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

import handlers.storage
from handlers.contract.environment import Env, env
from handlers.storage.attempts import Attempts
from handlers.storage.work_items import WorkItems
from localcloud.database.product import create_schema
from tests.handlers import roles
from tests.handlers.world import TABLE_NAME, TTL_DAYS, ProductGoal, World, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MIGRATION = Path(handlers.storage.__file__).with_name("goal_workflows.sql")


roles.watch()


@pytest.fixture(autouse=True)
def functions_are_held_to_their_roles() -> Iterator[None]:
    """A function's role must allow every call that it makes in a test."""
    roles.lacking.clear()
    yield
    assert roles.lacking == []


@pytest.fixture(autouse=True)
def metrics_have_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that every metric needs; variables are read anew in each test.

    The local stack's: the tests' database is on this machine and asks for no password.
    """
    monkeypatch.setenv(Env.ENVIRONMENT.name, "local")
    vars(env).clear()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, with invented credentials."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_REGION": "ap-northeast-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes moto's conditional writes atomic, as DynamoDB's are."""
    call, lock = DynamoHandler.call_action, RLock()

    def locked(handler: DynamoHandler) -> Any:
        with lock:
            return call(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", locked)


@pytest.fixture
def dynamodb(aws: None, one_at_a_time: None) -> "DynamoDBClient":
    """A client, and the table of executions with its keys and indexes."""
    dynamodb: DynamoDBClient = client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE_NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "goalId")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "goalId-index",
                "KeySchema": [
                    {"AttributeName": "goalId", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return dynamodb


@pytest.fixture
def work_items(dynamodb: "DynamoDBClient") -> WorkItems:
    """The work items in the table."""
    return WorkItems(dynamodb, TABLE_NAME, TTL_DAYS)


@pytest.fixture
def attempts(dynamodb: "DynamoDBClient") -> Attempts:
    """The attempts at the work items in the table."""
    return Attempts(dynamodb, TABLE_NAME, TTL_DAYS)


@pytest.fixture(scope="session")
def product_url(postgres_url: str) -> str:
    """A database with the product's tables and goal_workflows."""
    name = f"handlers_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = postgres_url.rpartition("/")[0] + "/" + name
    with psycopg.connect(url, autocommit=True) as connection:
        create_schema(connection)
        connection.execute(MIGRATION.read_bytes())
    return url


@pytest.fixture
def database_url(product_url: str) -> str:
    """The same, empty."""
    with psycopg.connect(product_url, autocommit=True) as connection:
        connection.execute("TRUNCATE users, goal_workflows CASCADE")
    return product_url


@pytest.fixture
def world(database_url: str, dynamodb: "DynamoDBClient") -> Iterator[World]:
    """Database, table and state machine."""
    world = World(database_url, dynamodb)
    yield world
    world.close()


@pytest.fixture
def goal(world: World) -> ProductGoal:
    """A goal of two sub-goals with two actions each."""
    return world.add_goal()
