"""The connection to the product's PostgreSQL: opened once per cold start, checked at every use.

Between invocations Lambda stops the clock, and a connection can die unnoticed in the meantime.
"""

from collections.abc import Generator
from contextlib import contextmanager
from select import select
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from handlers.storage.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CONNECTING = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",  # milliseconds until a silent peer counts as gone
    "keepalives_idle": "30",
    "application_name": "goal-mandala-workflow",
}

_PING_SECONDS = 5.0

# Within a transaction, so that they hold behind any pooler. The last one takes the goal's row from
# a function that was killed in mid-transaction: its connection stays open.
_TIME_LIMITS = """
    SELECT set_config('lock_timeout', '10s', true), set_config('statement_timeout', '15s', true),
        set_config('idle_in_transaction_session_timeout', '30s', true)
"""


class DatabaseConfigurationError(Exception):
    """The secret holds no usable PostgreSQL URL, or the database lacks our migration. Permanent."""


class DatabaseRefusedError(Exception):
    """PostgreSQL refused a statement. Permanent; named by class and SQLSTATE, never by its data."""


class Database:
    """The product's database.

    secret_arn: the secret whose string is DATABASE_URL (in libpq's or Prisma's form).
    """

    def __init__(self, secrets: "SecretsManagerClient", secret_arn: str) -> None:
        self._secrets = secrets
        self._secret_arn = secret_arn
        self._url: str | None = None
        self._connection: Connection | None = None

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """One transaction: committed at its end, rolled back by an exception.

        Raises DatabaseUnavailableError for all that passes on its own. If the connection was lost
        at the very end it is not known whether it was committed: this code must be repeatable.
        """
        connection = self._answering_connection()
        with _known_errors(), connection.transaction():
            connection.execute(_TIME_LIMITS)
            yield connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _answering_connection(self) -> Connection:
        if self._connection and not _answers(self._connection):
            self.close()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Connection:
        cached, self._url = self._url, self._url or self._read_secret()
        try:
            return _open(self._url)
        except psycopg.OperationalError as error:
            # A refused password looks like any other failure to connect: see if it was rotated.
            self._url = self._read_secret() if cached else None
            if self._url in (None, cached):
                raise DatabaseUnavailableError("no connection to PostgreSQL") from error
        with _known_errors():
            return _open(self._url)

    def _read_secret(self) -> str:
        return self._secrets.get_secret_value(SecretId=self._secret_arn)["SecretString"]


def connection_parameters(url: str) -> dict[str, str]:
    """What libpq understands of a DATABASE_URL.

    Prisma puts parameters of its own into it (`connection_limit`, `pgbouncer`, ...), which libpq
    would refuse; its `schema` becomes the search path.
    """
    # No error here shows the URL or quotes a message that does: it holds the password.
    try:
        parts = urlsplit(url)
        _ = parts.port  # libpq would take any text for one
    except ValueError:
        raise DatabaseConfigurationError("DATABASE_URL: host or port cannot be read") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise DatabaseConfigurationError("DATABASE_URL: has to begin with postgresql://")
    given = dict(parse_qsl(parts.query))
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    query = urlencode({name: value for name, value in given.items() if name in known})
    try:
        parameters = conninfo_to_dict(parts._replace(query=query).geturl())
    except psycopg.Error:
        raise DatabaseConfigurationError("DATABASE_URL: not a URL that libpq can read") from None
    if schema := given.get("schema"):
        options = f"{parameters.get('options') or ''} -csearch_path={schema}"
        parameters["options"] = options.strip()
    return {**_CONNECTING, **{name: str(value) for name, value in parameters.items()}}


def _open(url: str) -> Connection:
    parameters: dict[str, Any] = dict(connection_parameters(url))
    # No prepared statements on the server: a pooler may hand the next one to another session.
    return psycopg.connect(autocommit=True, prepare_threshold=None, **parameters)


def _answers(connection: Connection) -> bool:
    """Whether the server answers in time; psycopg would wait for one that hangs for ever."""
    give_up_at = monotonic() + _PING_SECONDS
    libpq = connection.pgconn
    try:
        libpq.send_query(b"SELECT 1")
        while True:
            while libpq.is_busy():
                left = max(give_up_at - monotonic(), 0)
                if not select([libpq.socket], [], [], left)[0]:
                    return False
                libpq.consume_input()
            if libpq.get_result() is None:
                return libpq.transaction_status == TransactionStatus.IDLE
    except psycopg.Error:
        return False


@contextmanager
def _known_errors() -> Generator[None]:
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
        # InternalError: SQLSTATE class 25, a failover to a read-only server or our idle limit
        raise DatabaseUnavailableError(_name(error)) from None
    except psycopg.errors.UndefinedTable as error:
        if "goal_workflows" not in str(error):
            raise DatabaseRefusedError(_name(error)) from None
        raise DatabaseConfigurationError(
            "the database has no table goal_workflows: apply handlers/storage/goal_workflows.sql"
        ) from None
    except psycopg.Error as error:
        raise DatabaseRefusedError(_name(error)) from None


def _name(error: psycopg.Error) -> str:
    return f"{type(error).__name__} ({error.sqlstate or 'no SQLSTATE'})"
