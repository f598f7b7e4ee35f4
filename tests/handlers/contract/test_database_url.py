"""DATABASE_URL: what Prisma means by it, in libpq's words; what cannot work is refused unseen."""

import re
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_attempts, conninfo_to_dict

from handlers.contract.database_url import CERTIFICATES, DatabaseUrlError, parse
from handlers.contract.url_parameters import PARAMETERS, Parameter

ROOT = Path(__file__).parents[3]
RDS = "goals.c9akciq32rgb.ap-northeast-1.rds.amazonaws.com"
PROXY = "goals.proxy-c9akciq32rgb.ap-northeast-1.rds.amazonaws.com"
BUNDLE = str(CERTIFICATES / "global-bundle.pem")

# prisma-engines, quaint/src/connector/postgres/url.rs: parse_query_params
PRISMAS = {
    *("pgbouncer", "sslmode", "sslcert", "sslidentity", "sslpassword", "statement_cache_size"),
    *("sslaccept", "schema", "connection_limit", "socket_timeout", "connect_timeout"),
    *("pool_timeout", "max_connection_lifetime", "max_idle_connection_lifetime"),
    *("application_name", "channel_binding", "options"),
}

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)


def with_query(query: str, host: str = "db.example.com") -> str:
    return f"postgresql://app:hunter2@{host}/goals?{query}"


def parameters(query: str, host: str = "db.example.com") -> dict[str, str]:
    return dict(parse(with_query(query, host)).parameters)


def refusal(url: str, *, local: bool = False) -> str:
    with pytest.raises(DatabaseUrlError) as error:
        parse(url, local=local)
    assert "hunter2" not in str(error.value)
    return str(error.value)


def test_prismas_url_of_a_pooler_asks_nothing_of_it_at_its_start() -> None:
    url = parse(
        "postgresql://app:secret@pooler.example:6432/app"
        "?schema=public&pgbouncer=true&connection_limit=1"
    )
    assert url.parameters == {
        "host": "pooler.example",
        "port": "6432",
        "dbname": "app",
        "user": "app",
        "password": "secret",
        "sslmode": "require",
    }
    assert url.schema == "public"


def test_the_schema_is_the_search_path_and_public_if_there_is_none() -> None:
    assert parse(with_query("schema=My%20%22App%22")).schema == 'My "App"'
    assert parse(with_query("")).schema == "public"
    assert parse("postgres://app:hunter2@db/goals").schema == "public"


def test_options_may_set_the_search_path_in_place_of_the_schema() -> None:
    url = parse(with_query("options=-csearch_path%3Dmandala"))
    assert (url.schema, url.parameters["options"]) == (None, "-csearch_path=mandala")
    assert "not both" in refusal(with_query("schema=a&options=-csearch_path%3Db"))


@pytest.mark.parametrize("space", ["%20", "+"])
def test_spaces_in_options_survive_to_the_server(space: str) -> None:
    query = f"options=-c{space}geqo%3Doff{space}-c{space}jit%3Doff"
    assert parameters(query)["options"] == "-c geqo=off -c jit=off"


@pytest.mark.parametrize(
    ("query", "host", "mode", "ca"),
    [
        ("", RDS, "require", None),
        ("sslmode=disable", RDS, "disable", None),
        ("sslmode=prefer", RDS, "prefer", None),
        ("sslaccept=strict", RDS, "verify-full", BUNDLE),
        ("sslmode=require&sslaccept=strict", RDS, "verify-full", BUNDLE),
        ("sslmode=verify-ca", RDS, "verify-ca", BUNDLE),
        ("sslaccept=strict", f"{RDS},{RDS.upper()}", "verify-full", BUNDLE),
        ("sslaccept=strict", PROXY, "verify-full", "system"),
        ("sslaccept=strict", f"{RDS},{PROXY}", "verify-full", "system"),
        ("sslmode=verify-full", "ep-x-pooler.neon.tech", "verify-full", "system"),
        ("sslmode=verify-full&sslrootcert=system", RDS, "verify-full", "system"),
        ("sslcert=../certs/global-bundle.pem", "db.example.com", "require", BUNDLE),
        ("sslcert=global-bundle.pem&sslaccept=strict", "db", "verify-full", BUNDLE),
        ("sslrootcert=/opt/global-bundle.pem&sslmode=verify-ca", "db", "verify-ca", BUNDLE),
        ("sslaccept=accept_invalid_certs", RDS, "require", None),
        ("sslaccept=accept_invalid_certs&sslcert=gone.pem", RDS, "require", None),
    ],
)
def test_encryption_is_what_prisma_means_in_libpqs_words(
    query: str, host: str, mode: str, ca: str | None
) -> None:
    found = parameters(query, host)
    assert (found["sslmode"], found.get("sslrootcert")) == (mode, ca)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sslmode=disable&sslaccept=strict", "one of them"),
        ("sslmode=verify-full&sslaccept=accept_invalid_certs", "one of them"),
        ("sslmode=no-verify", "disable or allow or prefer or require or verify-ca or verify-full"),
        ("sslaccept=lax", "strict or accept_invalid_certs"),
        ("sslcert=prod-ca-2021.crt", "put it into handlers/storage/certificates (there: global"),
        ("sslcert=global-bundle.pem&sslrootcert=system", "name two CAs"),
        ("sslmode=verify-ca", "use verify-full, or name the CA"),
        ("sslmode=require&sslrootcert=system", "use verify-full, or name the CA"),
    ],
)
def test_encryption_that_contradicts_itself_or_cannot_be_is_refused(query: str, says: str) -> None:
    assert says in refusal(with_query(query))


def test_the_local_stack_needs_neither_password_nor_tls() -> None:
    url = parse("postgresql://postgres@127.0.0.1:5432/goals", local=True)
    assert url.parameters["sslmode"] == "prefer"
    assert "password" not in url.parameters


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "postgresql:// or postgres://"),
        ("mysql://app:hunter2@db/goals", "postgresql:// or postgres://"),
        ("prisma+postgres://accelerate?api_key=hunter2", "postgresql:// or postgres://"),
        ('"postgresql://app:hunter2@db/goals"', "postgresql:// or postgres://"),
        ("app:hunter2@db/goals", "postgresql:// or postgres://"),
        ("postgresql://app:hunter2@db/goals\n", "a space or a line break"),
        ("postgresql://app:hunter2 @db/goals", "a space or a line break"),
        ("postgresql://app:#hunter2@db/goals", "write it as %23"),
        ("postgresql://app:100%hunter2@db/goals", "write it as %25"),
        ("postgresql://app:%FFhunter2@db/goals", "no UTF-8"),
        ("postgresql://app:%00hunter2@db/goals", "%00"),
        ("postgresql://app:/hunter2@db/goals", "/ as %2F"),
        ("postgresql://app:?hunter2@db/goals", "? as %3F"),
        ("postgresql://app:x@y?hunter2=z@db/goals", "@ as %40"),
        ("postgresql://app:hunter2@db/goals?hunter2", "?name=value"),
        ("postgresql://app:hunter2@[db/goals", "host or port"),
        ("postgresql://app:hunter2@db:port/goals", "host or port"),
        ("postgresql://app:hunter2@db:65536/goals", "host or port"),
        ("postgresql://app:hunter2@db:0/goals", "host or port"),
        ("postgresql://app:hunter2@db,,db/goals", "host or port"),
        ("postgresql://app:hunter2@<host>/goals", "host or port"),
        ("postgresql://...", "host or port"),
        ("postgresql://app:hunter2@/goals", "names no host"),
        ("postgresql:///goals", "names no host"),
        ("postgresql://app:hunter2@db", "names no database"),
        ("postgresql://app:hunter2@db/?schema=public", "names no database"),
        ("postgresql://app:hunter2@db/goals/other", "more than a database's name"),
        ("postgresql://db/goals", "names no user"),
        ("postgresql://:hunter2@db/goals", "names no user"),
        ("postgresql://app@db/goals", "no password"),
        ("postgresql://app:@db/goals", "no password"),
        ("postgresql://app:hunter2@localhost/goals", "this machine"),
        ("postgresql://app:hunter2@db,127.0.0.1/goals", "this machine"),
        ("postgresql://app:hunter2@[::1]:5432/goals", "this machine"),
        (
            f"postgresql://app:{quote(RDS, safe='')}%3A5432%2F%3FAction%3Dconnect%26X-Amz-Signature"
            f"%3Dhunter2@{RDS}/goals",
            "15 minutes",
        ),
        (with_query("password=hunter2"), "belongs into the URL itself"),
        (with_query("user=hunter2&password=hunter2"), "belongs into the URL itself"),
        (with_query("host=/var/run/postgresql"), "belongs into the URL itself"),
        (with_query("sslidentity=client.p12&sslpassword=hunter2"), "a client certificate"),
        (with_query("sslpassword=hunter2"), "a client certificate"),
        (with_query("service=goals"), "names a file"),
        (with_query("conection_limit=1"), "parameter conection_limit is unknown; known are app"),
        (with_query("ssl=true"), "parameter ssl is unknown"),
        (with_query("schema=a&schema=b"), "parameter schema stands there twice"),
        (with_query("schema=" + "s" * 64), "63 bytes"),
        (with_query("connect_timeout=5s"), "has to be a number"),
        (with_query("target_session_attrs=read-only"), "any or read-write or primary"),
    ],
)
def test_a_url_that_cannot_work_is_refused_with_the_reason_and_not_shown(
    url: str, says: str
) -> None:
    assert says in refusal(url)


@pytest.mark.parametrize(
    ("seconds", "waits"), [("2", "2"), ("10", "10"), ("0", "10"), ("600", "10")]
)
def test_a_connection_is_waited_for_no_longer_than_a_gateway_does(seconds: str, waits: str) -> None:
    assert parameters(f"connect_timeout={seconds}")["connect_timeout"] == waits


def test_several_hosts_are_tried_in_turn() -> None:
    found = parameters("target_session_attrs=read-write", "a.example:6432,[2001:db8::1],c")
    assert (found["host"], found["port"]) == ("a.example,2001:db8::1,c", "6432,,")
    assert found["target_session_attrs"] == "read-write"
    attempts = conninfo_attempts({**found, "hostaddr": "192.0.2.1,2001:db8::1,192.0.2.3"})
    assert [attempt["port"] for attempt in attempts] == ["6432", "", ""]


@settings(max_examples=100)
@given(user=TEXTS, password=TEXTS, database=TEXTS, schema=TEXTS)
def test_any_text_comes_through_percent_encoded(
    user: str, password: str, database: str, schema: str
) -> None:
    parts = [quote(each, safe="") for each in (user, password, database, schema[:15])]
    url = parse("postgresql://{}:{}@db/{}?schema={}".format(*parts))
    assert [url.parameters[name] for name in ("user", "password", "dbname")] == [
        user,
        password,
        database,
    ]
    assert url.schema == schema[:15]


@settings(max_examples=200)
@given(st.text(st.sampled_from("hunter2:@/?#&=%[]., \n0aé"), max_size=40))
def test_whatever_the_text_it_is_read_or_refused(text: str) -> None:
    said = ""
    try:
        parse(f"postgresql://{text}")
    except DatabaseUrlError as error:
        said = str(error)
    assert "hunter2" not in said


def test_libpq_reads_the_same_from_a_url_without_prismas_parameters() -> None:
    url = "postgresql://a%20b:p%40ss@h1:5433,h2:5434/my%2Fdb?application_name=x&sslmode=require"
    assert dict(parse(url).parameters) == conninfo_to_dict(url)


def test_every_parameter_of_prismas_and_libpqs_has_its_place() -> None:
    libpqs = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    assert libpqs | PRISMAS <= PARAMETERS.keys()


def test_libpq_understands_every_parameter_that_is_passed_on() -> None:
    libpqs = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    passed = {name for name, each in PARAMETERS.items() if each.handling == "passed"}
    assert passed <= libpqs


def test_the_document_has_every_parameter() -> None:
    def row(name: str, parameter: Parameter) -> str:
        return f"| `{name}` | {parameter.handling} | {parameter.why} |"

    text = (ROOT / "docs" / "database.md").read_text()
    rows = re.findall(r"^\| `\w+` \| (?:passed|translated|dropped|refused) .*$", text, re.MULTILINE)
    assert rows == [row(name, parameter) for name, parameter in PARAMETERS.items()]


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_the_shipped_cas_are_amazons_own_roots_three_a_region() -> None:
    roots = x509.load_pem_x509_certificates(Path(BUNDLE).read_bytes())
    names: list[str] = []
    for root in roots:
        root.verify_directly_issued_by(root)
        subject = {attribute.rfc4514_attribute_name: attribute.value for attribute in root.subject}
        assert subject["O"] == "Amazon Web Services, Inc."
        assert root.not_valid_after_utc.year >= 2061
        names.append(str(subject["CN"]))
    kinds = ("ECC384", "RSA2048", "RSA4096")
    regions = {name.split()[2] for name in names}
    assert {"ap-northeast-1", "ap-northeast-3", "us-east-1"} < regions
    assert sorted(names) == sorted(
        f"Amazon RDS {region} Root CA {kind} G1" for region in regions for kind in kinds
    )
