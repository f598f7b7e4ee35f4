"""Every parameter that a DATABASE_URL may carry, Prisma's and libpq's: how it is handled, and why.

Prisma's: prisma-engines, quaint/src/connector/postgres/url.rs. libpq's: PostgreSQL 18
documentation, 32.1.2. docs/database.md holds this table; a test compares them.
"""

from dataclasses import dataclass
from typing import Literal

Handling = Literal["passed", "translated", "dropped", "refused"]
"""To libpq as it is; by what it means; of no use to a function; an error that says why."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    values: those allowed, if they can be listed; is_number: digits only.
    """

    handling: Handling
    why: str
    values: tuple[str, ...] = ()
    is_number: bool = False


_NEEDLESS = "the functions need no setting here"
_NO_POOL = "a function has one connection, and checks it before each use"
_NO_STATEMENT = "no statement is prepared, so that any pooler may stand in between"
_IN_THE_URL = "belongs into the URL itself: postgresql://user:password@host:port/database"
_NO_FILE = "names a file, and a function has none but its package"
_CLIENT_CERTIFICATE = "a client certificate: a function has no file that holds its key"
_NO_KERBEROS = "no Kerberos in Lambda"
_NO_OAUTH = "no OAuth: the URL carries a user and a password"

PARAMETERS: dict[str, Parameter] = {
    # Prisma's
    "schema": Parameter("translated", "the search path, set in each transaction; default public"),
    "sslaccept": Parameter(
        "translated",
        "strict is libpq's sslmode=verify-full, accept_invalid_certs its sslmode=require",
        ("strict", "accept_invalid_certs"),
    ),
    "sslcert": Parameter("translated", "Prisma's is the CA: libpq's sslrootcert"),
    "connection_limit": Parameter("dropped", _NO_POOL),
    "pool_timeout": Parameter("dropped", _NO_POOL),
    "single_use_connections": Parameter("dropped", _NO_POOL),
    "max_connection_lifetime": Parameter("dropped", _NO_POOL),
    "max_idle_connection_lifetime": Parameter("dropped", _NO_POOL),
    "pgbouncer": Parameter("dropped", _NO_STATEMENT),
    "statement_cache_size": Parameter("dropped", _NO_STATEMENT),
    "socket_timeout": Parameter("dropped", "statements have a time limit of our own"),
    "sslidentity": Parameter("refused", _CLIENT_CERTIFICATE),
    "sslpassword": Parameter("refused", _CLIENT_CERTIFICATE),
    # libpq's, and those that both have
    "connect_timeout": Parameter(
        "translated",
        "seconds a host, default 5, at most 10 (0 too): a gateway waits no longer",
        is_number=True,
    ),
    "application_name": Parameter("passed", "default goal-mandala-workflow"),
    "options": Parameter(
        "passed", "spaces as %20 or +; PgBouncer, RDS Proxy and Neon's pooler refuse it"
    ),
    "sslmode": Parameter(
        "passed",
        "default require, and prefer where the server is on the same machine",
        ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    ),
    "sslrootcert": Parameter(
        "translated", "system (public CAs), or a file of handlers/storage/certificates"
    ),
    "channel_binding": Parameter("passed", "libpq's own", ("disable", "prefer", "require")),
    "target_session_attrs": Parameter(
        "passed", "which of several hosts; the functions write", ("any", "read-write", "primary")
    ),
    "load_balance_hosts": Parameter("passed", "libpq's own", ("disable", "random")),
    "hostaddr": Parameter("passed", "libpq's own"),
    "require_auth": Parameter("passed", "libpq's own"),
    "client_encoding": Parameter("passed", "the functions' texts are UTF-8", ("UTF8", "utf8")),
    "sslnegotiation": Parameter("passed", "libpq's own", ("postgres", "direct")),
    "sslsni": Parameter("passed", "libpq's own", ("0", "1")),
    "ssl_min_protocol_version": Parameter("passed", "libpq's own", ("TLSv1.2", "TLSv1.3")),
    "ssl_max_protocol_version": Parameter("passed", "libpq's own", ("TLSv1.2", "TLSv1.3")),
    "gssencmode": Parameter("passed", _NO_KERBEROS, ("disable", "prefer")),
    "keepalives": Parameter("passed", "libpq's own", is_number=True),
    "keepalives_idle": Parameter("passed", "seconds, default 30", is_number=True),
    "keepalives_interval": Parameter("passed", "libpq's own", is_number=True),
    "keepalives_count": Parameter("passed", "libpq's own", is_number=True),
    "tcp_user_timeout": Parameter("passed", "milliseconds, default 10000", is_number=True),
    "host": Parameter("refused", _IN_THE_URL),
    "port": Parameter("refused", _IN_THE_URL),
    "dbname": Parameter("refused", _IN_THE_URL),
    "user": Parameter("refused", _IN_THE_URL),
    "password": Parameter("refused", _IN_THE_URL),
    "service": Parameter("refused", _NO_FILE),
    "servicefile": Parameter("refused", _NO_FILE),
    "passfile": Parameter("refused", _NO_FILE),
    "sslcrl": Parameter("refused", _NO_FILE),
    "sslcrldir": Parameter("refused", _NO_FILE),
    "sslkeylogfile": Parameter("refused", "it would write down the keys of the connection"),
    "sslkey": Parameter("refused", _CLIENT_CERTIFICATE),
    "sslcertmode": Parameter("refused", _CLIENT_CERTIFICATE),
    "sslcompression": Parameter("refused", "TLS without compression only (CRIME)"),
    "requirepeer": Parameter("refused", "for a socket on the same machine"),
    "krbsrvname": Parameter("refused", _NO_KERBEROS),
    "gsslib": Parameter("refused", _NO_KERBEROS),
    "gssdelegation": Parameter("refused", _NO_KERBEROS),
    "oauth_issuer": Parameter("refused", _NO_OAUTH),
    "oauth_client_id": Parameter("refused", _NO_OAUTH),
    "oauth_client_secret": Parameter("refused", _NO_OAUTH),
    "oauth_scope": Parameter("refused", _NO_OAUTH),
    "scram_client_key": Parameter("refused", "the URL carries the password"),
    "scram_server_key": Parameter("refused", "the URL carries the password"),
    "replication": Parameter("refused", "the functions replicate nothing"),
    "min_protocol_version": Parameter("refused", _NEEDLESS),
    "max_protocol_version": Parameter("refused", _NEEDLESS),
    "fallback_application_name": Parameter("refused", _NEEDLESS),
}
