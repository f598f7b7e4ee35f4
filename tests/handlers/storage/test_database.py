"""The connection to PostgreSQL: by its secret, checked at every use, errors without data."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psutil
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.storage.database import (
    Database,
    DatabaseConfigurationError,
    DatabaseRefusedError,
    connection_parameters,
)
from handlers.storage.errors import DatabaseUnavailableError
from tests.handlers.world import client


@pytest.fixture
def secrets(aws: None) -> Any:
    return client("secretsmanager")


@pytest.fixture
def secret_arn(secrets: Any, database_url: str) -> str:
    return secrets.create_secret(Name="url", SecretString=database_url)["ARN"]


@pytest.fixture
def database(secrets: Any, secret_arn: str) -> Iterator[Database]:
    database = Database(secrets, secret_arn)
    yield database
    database.close()


def backend(database: Database) -> int:
    with database.transaction() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        return row[0]


def test_one_connection_serves_many_transactions(database: Database) -> None:
    assert backend(database) == backend(database)


def test_an_exception_rolls_the_transaction_back(database: Database) -> None:
    goal_id = str(uuid4())

    def insert_and_fail() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO goal_workflows (goal_id) VALUES (%s)", [goal_id])
            raise KeyError

    with pytest.raises(KeyError):
        insert_and_fail()
    with database.transaction() as connection:
        assert connection.execute("SELECT 1 FROM goal_workflows").fetchall() == []


def test_a_connection_that_died_between_invocations_is_replaced(
    database: Database, database_url: str
) -> None:
    dead = backend(database)
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [dead])
    assert backend(database) != dead


def test_a_connection_whose_server_process_hangs_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.storage.database._PING_SECONDS", 0.2)
    hanging = psutil.Process(backend(database))
    hanging.suspend()
    try:
        assert backend(database) != hanging.pid
    finally:
        hanging.resume()


def test_a_connection_that_dies_within_a_transaction_raises_unavailable_and_is_replaced(
    database: Database,
) -> None:
    with (
        pytest.raises(DatabaseUnavailableError, match="57P01"),
        database.transaction() as connection,
    ):
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert backend(database)


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    [
        ("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)", "57014"),
        ("SET LOCAL lock_timeout = 20; LOCK TABLE goals", "55P03"),
        ("SET LOCAL default_transaction_read_only = on; ROLLBACK; BEGIN READ ONLY;"
         " DELETE FROM tasks", "25006"),
    ],
)  # fmt: skip
def test_a_transient_error_of_postgresql_is_unavailable(
    database: Database, database_url: str, statement: str, sqlstate: str
) -> None:
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE goals")
        with (
            pytest.raises(DatabaseUnavailableError, match=sqlstate),
            database.transaction() as connection,
        ):
            connection.execute(statement.encode())


def test_a_function_killed_during_a_transaction_does_not_keep_the_goals_row(
    database: Database,
) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with database.transaction() as connection:
        limits = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in names]
    assert limits == [("10s",), ("15s",), ("30s",)]


def test_an_error_of_postgresql_is_raised_without_its_data(database: Database) -> None:
    secret = "昨日の夜に書いた日記"
    with (
        pytest.raises(DatabaseRefusedError, match=r"^CheckViolation \(23514\)$") as refusal,
        database.transaction() as connection,
    ):
        connection.execute(
            "INSERT INTO goal_workflows (goal_id, state) VALUES (%s, %s)", [uuid4(), secret]
        )
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_a_missing_table_goal_workflows_is_an_error_that_names_the_migration(
    database: Database, postgres_url: str, secrets: Any, secret_arn: str
) -> None:
    secrets.put_secret_value(SecretId=secret_arn, SecretString=postgres_url)
    with (
        pytest.raises(DatabaseConfigurationError, match=r"apply handlers/.*/goal_workflows\.sql"),
        database.transaction() as connection,
    ):
        connection.execute("SELECT 1 FROM goal_workflows")


def test_a_rotated_secret_is_read_again(
    database: Database, database_url: str, secrets: Any, secret_arn: str
) -> None:
    nowhere = database_url.rpartition("/")[0] + "/gone"
    secrets.put_secret_value(SecretId=secret_arn, SecretString=nowhere)
    with pytest.raises(DatabaseUnavailableError):
        backend(database)
    secrets.put_secret_value(SecretId=secret_arn, SecretString=database_url)
    assert backend(database)
    database.close()
    database._url = nowhere  # pyright: ignore[reportPrivateUsage] - what was right at the cold start
    assert backend(database)


def test_a_server_that_does_not_listen_is_unavailable(secrets: Any, secret_arn: str) -> None:
    secrets.put_secret_value(SecretId=secret_arn, SecretString="postgresql://u:p@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnavailableError), Database(secrets, secret_arn).transaction():
        pass


def test_a_url_in_prismas_form_is_read() -> None:
    parameters = connection_parameters(
        "postgresql://app:pw@db.example.com:5433/goals"
        "?schema=mandala&connection_limit=5&pgbouncer=true&sslmode=require"
    )
    assert parameters["host"] == "db.example.com"
    assert parameters["port"] == "5433"
    assert parameters["dbname"] == "goals"
    assert parameters["sslmode"] == "require"
    assert parameters["options"] == "-csearch_path=mandala"
    assert not {"schema", "connection_limit", "pgbouncer"} & parameters.keys()


def test_a_url_may_set_its_own_time_out() -> None:
    assert connection_parameters("postgres://h/d?connect_timeout=2")["connect_timeout"] == "2"
    assert connection_parameters("postgres://h/d")["connect_timeout"] == "5"


@pytest.mark.parametrize(
    "url",
    ["", "mysql://u:hunter2@h/d", "u:hunter2@h", "postgresql://u:hunter2@[h/d", "postgresql://u:hunter2@h:x/d"],
)  # fmt: skip
def test_a_malformed_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(DatabaseConfigurationError, match="DATABASE_URL") as refusal:
        connection_parameters(url)
    assert "hunter2" not in str(refusal.value)


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_password_is_passed_on(password: str) -> None:
    url = f"postgresql://app:{quote(password, safe='')}@h/d?schema=public"
    assert connection_parameters(url)["password"] == password
