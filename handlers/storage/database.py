"""The connection to the product's PostgreSQL: opened once per cold start, checked at every use.

Between invocations Lambda stops the clock, and a connection can die unnoticed in the meantime.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import Connection
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from handlers.contract.database_url import PUBLIC_CAS, DatabaseUrl, DatabaseUrlError, parse
from handlers.storage.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CONNECTING = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",  # milliseconds until a silent peer counts as gone
    "keepalives_idle": "30",
    "application_name": "goal-mandala-workflow",
}

# Whoever hangs, pooler or server, in mid-transaction or before: an API's function (25 s) can still
# answer 503 after a ping, a connection (at most 10 s) and a statement.
PING_SECONDS = 3.0
STATEMENT_SECONDS = 11.0

# Within a transaction, so that they hold behind any pooler and leave nothing to others there. The
# last one takes the goal's row from a function that was killed in mid-transaction: its connection
# stays open.
_SET_LOCAL = """
    SELECT
        set_config('search_path', coalesce(quote_ident(%s), current_setting('search_path')), true),
        set_config('lock_timeout', '8s', true),
        set_config('statement_timeout', '9s', true),
        set_config('idle_in_transaction_session_timeout', '30s', true)
"""

_REFUSED_FOR_GOOD = (
    "startup parameter",  # PgBouncer supports no `options`
    "command-line options",  # RDS Proxy neither
    "does not support SSL",
    "certificate verify failed",
    "does not match host name",
    "channel binding required",
)
"""How libpq and poolers put what no retry mends; connecting gives no SQLSTATE."""


class DatabaseConfigurationError(Exception):
    """The secret holds no usable PostgreSQL URL, or the database lacks our migration. Permanent."""


class DatabaseRefusedError(Exception):
    """PostgreSQL refused a statement. Permanent; named by class and SQLSTATE, never by its data."""


class Database:
    """The product's database.

    secret_arn: the secret whose string is DATABASE_URL (in libpq's or Prisma's form).
    local: the local stack's, which is on the same machine and needs no password.
    """

    def __init__(
        self, secrets: "SecretsManagerClient", secret_arn: str, *, local: bool = False
    ) -> None:
        self._secrets = secrets
        self._secret_arn = secret_arn
        self._local = local
        self._url: str | None = None
        self._session: _Session | None = None

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """One transaction: committed at its end, rolled back by an exception.

        Raises DatabaseUnavailableError for all that passes on its own. If the connection was lost
        at the very end it is not known whether it was committed: this code must be repeatable.
        """
        session = self._answering_session()
        with _known_errors(session.schema), session.transaction():
            session.execute(_SET_LOCAL, [session.schema])
            yield session

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._session:
            self._session.close()
        self._session = None

    def _answering_session(self) -> "_Session":
        if self._session and not _answers(self._session):
            self.close()
        if self._session is None:
            self._session = self._connect()
        return self._session

    def _connect(self) -> "_Session":
        cached, self._url = self._url, self._url or self._read_secret()
        try:
            return _open(self._parsed(self._url))
        except psycopg.OperationalError as error:
            # A refused password looks like any other failure to connect: see if it was rotated.
            self._url = self._read_secret() if cached else None
            if self._url in (None, cached):
                raise _no_connection(error) from error
        try:
            return _open(self._parsed(self._url))
        except psycopg.OperationalError as error:
            raise _no_connection(error) from error

    def _parsed(self, url: str) -> DatabaseUrl:
        try:
            return parse(url, local=self._local)
        except DatabaseUrlError as error:
            self._url = None  # it may be mended in the meantime
            raise DatabaseConfigurationError(f"DATABASE_URL {error}") from None

    def _read_secret(self) -> str:
        return self._secrets.get_secret_value(SecretId=self._secret_arn)["SecretString"]


class _Session(Connection[TupleRow]):
    """A connection that gives up on a server that hangs; psycopg's own waits for ever.

    schema: the search path of its transactions; None: whatever the session's is.
    """

    schema: str | None = None
    patience = STATEMENT_SECONDS

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # else the rollback would wait too
            raise


def _open(url: DatabaseUrl) -> _Session:
    parameters: dict[str, Any] = {**_CONNECTING, **url.parameters}
    if parameters.get("sslrootcert") == PUBLIC_CAS:
        import certifi  # noqa: PLC0415 - few need it

        parameters["sslrootcert"] = certifi.where()
    # No prepared statements on the server: a pooler may hand the next one to another session.
    session = _Session.connect(autocommit=True, prepare_threshold=None, **parameters)
    session.schema = url.schema
    return session


def _answers(session: _Session) -> bool:
    session.patience = PING_SECONDS
    try:
        session.execute("SELECT 1")
    except psycopg.Error:
        return False
    finally:
        session.patience = STATEMENT_SECONDS
    return True


def _no_connection(error: psycopg.OperationalError) -> Exception:
    for reason in _REFUSED_FOR_GOOD:
        if reason in str(error):
            return DatabaseConfigurationError(f"no connection to PostgreSQL: {reason}")
    return DatabaseUnavailableError("no connection to PostgreSQL")


@contextmanager
def _known_errors(schema: str | None) -> Generator[None]:
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
        # InternalError: SQLSTATE class 25, a failover to a read-only server or our idle limit
        raise DatabaseUnavailableError(_name(error)) from None
    except psycopg.errors.UndefinedTable as error:
        if "goal_workflows" not in str(error):
            raise DatabaseRefusedError(_name(error)) from None
        raise DatabaseConfigurationError(
            f"there is no table goal_workflows in schema {schema or '(of options)'}:"
            " apply handlers/storage/goal_workflows.sql"
        ) from None
    except psycopg.Error as error:
        raise DatabaseRefusedError(_name(error)) from None


def _name(error: psycopg.Error) -> str:
    return f"{type(error).__name__} ({error.sqlstate or 'no SQLSTATE'})"
