"""The functions behind a real PgBouncer in transaction mode, by a DATABASE_URL of Prisma's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from handlers.contract import database_url
from handlers.contract.statuses import ExecutionStatus
from handlers.executions.save import save_batch
from handlers.storage.database import Database, DatabaseConfigurationError
from handlers.storage.errors import DatabaseUnavailableError
from localcloud.database.postgres import BINARIES, Postgres
from localcloud.database.product import create_schema
from tests.handlers.conftest import MIGRATION
from tests.handlers.pgbouncer import HOST, PgBouncer, pgbouncer
from tests.handlers.world import ProductGoal, World, client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OURS, OTHERS = 'My "App", public', "other"
"""Schemas: of these two names the first can be quoted wrongly in more than one way."""

Pooled = Callable[[str], str]
Databases = Callable[[str], Database]

PRISMAS = "pgbouncer=true&connection_limit=1&pool_timeout=0&socket_timeout=10"


@pytest.fixture(scope="module")
def pooler(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    """A pooler with one server connection: everyone gets the session that the last one left."""
    with pgbouncer(tmp_path_factory.mktemp("pooler"), postgres.port, pool_size=1) as running:
        yield running


@pytest.fixture(scope="module")
def database_name(postgres: Postgres, pooler: PgBouncer) -> str:
    """A database with the product in two schemas, and nothing in `public`."""
    name = f"pooled_{uuid4().hex}"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    for schema in (OURS, OTHERS):
        with psycopg.connect(direct(postgres, name, schema), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            create_schema(connection)
            connection.execute(MIGRATION.read_bytes())
    return name


def direct(postgres: Postgres, database: str, schema: str) -> str:
    """A URL past the pooler."""
    path = sql.Identifier(schema).as_string().replace(" ", "\\ ")
    return f"{postgres.url_of(database)}?options={quote(f'-csearch_path={path}', safe='')}"


@pytest.fixture
def pooled(pooler: PgBouncer, database_name: str) -> Pooled:
    """Makes a DATABASE_URL from its query."""
    return lambda query: pooler.url(database_name, query)


@pytest.fixture
def url(pooled: Pooled) -> str:
    """The functions' DATABASE_URL."""
    return pooled(f"schema={quote(OURS, safe='')}&{PRISMAS}")


@pytest.fixture
def world(
    postgres: Postgres, database_name: str, url: str, dynamodb: "DynamoDBClient"
) -> Iterator[World]:
    """A world whose functions go through the pooler; the look behind them does not."""
    world = World(direct(postgres, database_name, OURS), dynamodb, deployed_url=url)
    yield world
    world.close()


@pytest.fixture
def databases(aws: None) -> Iterator[Databases]:
    """Opens databases by their URL."""
    opened: list[Database] = []

    def database(url: str) -> Database:
        secrets = client("secretsmanager")
        arn = secrets.create_secret(Name=f"url-{uuid4()}", SecretString=url)["ARN"]
        opened.append(Database(secrets, arn))
        return opened[-1]

    yield database
    for each in opened:
        each.close()


def ask(database: Database, statement: str, *parameters: object) -> Any:
    """One value."""
    with database.transaction() as connection:
        row = connection.execute(statement.encode(), parameters).fetchone()
        assert row
        return row[0]


def test_an_execution_goes_from_start_to_end(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    for action_id in goal.action_ids:
        world.generate(execution, action_id)
    saved = save_batch(world.stores, goal.goal_id, execution, goal.action_ids)
    assert saved.saved == goal.action_ids
    assert world.finish(goal, execution).status == ExecutionStatus.SUCCEEDED
    assert [len(world.tasks(action_id)) for action_id in goal.action_ids] == [2, 2, 2, 2]
    assert world.lock(goal.goal_id) == ("ACTIVE", None, None)


def test_an_execution_is_cancelled(world: World, goal: ProductGoal) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    assert world.cancel(goal, execution).status == ExecutionStatus.ABORTED
    assert world.lock(goal.goal_id) == ("DRAFT", None, None)


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_dead_execution_is_given_its_end(
    world: World, goal: ProductGoal, is_announced: bool
) -> None:
    execution = world.start(goal)
    world.prepare(goal, execution)
    world.generate(execution, goal.action_ids[0])
    world.end_in_step_functions(execution, "TIMED_OUT")
    if is_announced:
        world.reconcile(execution)
    else:
        world.let_the_grace_pass()
        assert execution in world.sweep().ended
    assert world.record(execution).status == ExecutionStatus.TIMED_OUT
    assert len(world.tasks(goal.action_ids[0])) == 2
    assert world.lock(goal.goal_id) == ("PARTIAL", None, None)


def test_each_url_finds_its_own_schema_though_they_share_a_session(
    pooled: Pooled, url: str, databases: Databases
) -> None:
    ours = databases(url)
    others = databases(pooled(f"schema={OTHERS}&{PRISMAS}"))
    goals = {ours: str(uuid4()), others: str(uuid4())}
    for database, goal_id in goals.items():
        ask(database, "INSERT INTO goal_workflows (goal_id) VALUES (%s) RETURNING 1", goal_id)
    together, found = Barrier(2), dict[Database, set[Any]]()

    def look(database: Database) -> None:
        together.wait()
        found[database] = {
            ask(database, "SELECT array_agg(goal_id::text) @> %s FROM goal_workflows", [goal_id])
            is (goal_id == goals[database])
            for _ in range(20)
            for goal_id in goals.values()
        }

    threads = [Thread(target=look, args=[database]) for database in goals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {ours: {True}, others: {True}}
    assert len({ask(database, "SELECT pg_backend_pid()") for database in goals}) == 1


def test_nothing_is_left_in_the_session_for_the_next_client(
    pooled: Pooled, world: World, goal: ProductGoal
) -> None:
    world.start(goal)
    parameters = database_url.parse(pooled("")).parameters
    with psycopg.connect(**dict(parameters), autocommit=True) as other:  # pyright: ignore[reportArgumentType]
        left = other.execute(
            "SELECT current_setting('search_path'), current_setting('statement_timeout'),"
            " current_setting('lock_timeout'), (SELECT count(*) FROM pg_prepared_statements),"
            " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
        ).fetchone()
    assert left == ('"$user", public', "0", "0", 0, 0)


def test_a_schema_without_our_table_is_refused_with_its_name(
    pooled: Pooled, databases: Databases
) -> None:
    with pytest.raises(DatabaseConfigurationError, match="no table goal_workflows in schema gone"):
        ask(databases(pooled("schema=gone")), "SELECT 1 FROM goal_workflows")


def test_what_this_pooler_refuses_at_the_start_is_no_outage(
    pooled: Pooled, databases: Databases
) -> None:
    database = databases(pooled("options=-csearch_path%3Dother"))
    with pytest.raises(DatabaseConfigurationError, match="startup parameter"):
        ask(database, "SELECT 1")


@pytest.fixture
def cas(pooler: PgBouncer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions' CA files: the pooler's, ca.pem, and the one that they always have."""
    folder = pooler.ca.parent
    shutil.copy(database_url.CERTIFICATES / database_url.RDS_BUNDLE, folder)
    monkeypatch.setattr(database_url, "CERTIFICATES", folder)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "sslmode=require",
        "sslaccept=strict&sslcert=./prisma/ca.pem",
        "sslmode=verify-full&sslrootcert=ca.pem",
        "sslaccept=accept_invalid_certs&sslcert=global-bundle.pem",
    ],
)
def test_a_connection_is_encrypted_as_prismas_parameters_say(
    pooled: Pooled, databases: Databases, cas: None, query: str
) -> None:
    with databases(pooled(query)).transaction() as connection:
        assert connection.pgconn.ssl_in_use


@pytest.mark.parametrize(
    ("host", "query", "reason"),
    [
        (HOST, "sslaccept=strict", "certificate verify failed"),
        (HOST, "sslmode=verify-full", "certificate verify failed"),
        (HOST, "sslcert=global-bundle.pem", "certificate verify failed"),
        ("x.ap-northeast-1.rds.amazonaws.com", "sslaccept=strict", "certificate verify failed"),
        ("other.example", "sslaccept=strict&sslcert=ca.pem", "does not match host name"),
    ],
)
@pytest.mark.usefixtures("cas")
def test_a_certificate_that_is_not_the_hosts_is_no_outage(
    pooled: Pooled, databases: Databases, host: str, query: str, reason: str
) -> None:
    url = pooled(query).replace(HOST, host)
    with pytest.raises(DatabaseConfigurationError, match=reason):
        ask(databases(url), "SELECT 1")


def test_a_server_without_tls_is_refused_outside_the_local_stack(
    postgres: Postgres, database_name: str, databases: Databases
) -> None:
    url = f"postgresql://postgres:x@db.example:{postgres.port}/{database_name}?hostaddr=127.0.0.1"
    with pytest.raises(DatabaseConfigurationError, match="does not support SSL"):
        ask(databases(url), "SELECT 1")
    assert ask(databases(f"{url}&sslmode=disable"), "SELECT 1") == 1


def test_a_wait_for_a_pooler_that_has_no_connection_left_ends(
    url: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.storage.database._Session.patience", 0.3)
    monkeypatch.setattr("handlers.storage.database.STATEMENT_SECONDS", 0.3)
    holder, waiting = databases(url), databases(url)
    with holder.transaction() as connection:
        connection.execute("SELECT 1")
        with pytest.raises(DatabaseUnavailableError):
            ask(waiting, "SELECT 1")
    assert ask(waiting, "SELECT 1") == 1


def test_psql_applies_the_migration_through_the_pooler(
    postgres: Postgres, database_name: str, pooled: Pooled
) -> None:
    schema = f"New {uuid4()}"
    with psycopg.connect(postgres.url_of(database_name), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    url = pooled(f"schema={quote(schema)}&{PRISMAS}")
    environment = {
        **os.environ,
        "DATABASE_URL": f"{url}&sslmode=disable",  # the embedded psql knows no TLS
        "PATH": os.pathsep.join([str(BINARIES), os.environ["PATH"]]),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "ops.psql", "-f", str(MIGRATION)],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    with psycopg.connect(postgres.url_of(database_name)) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema]
        ).fetchall()
    assert found == [("goal_workflows",)]
