"""A database with the product's and the workflow's tables."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from handlers import storage
from localcloud.database.product import create_schema

_WORKFLOW_SCHEMA = Path(str(storage.__file__)).with_name("goal_workflows.sql")


@pytest.fixture(scope="session")
def product_url(postgres_url: str) -> str:
    """URL of a database with the product's schema and the workflow's table, for this session."""
    name = f"product_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(url) as conn:
        create_schema(conn)
        conn.execute(_WORKFLOW_SCHEMA.read_bytes())
    return url


@pytest.fixture
def product(product_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to that database; the test's changes are rolled back."""
    conn = psycopg.connect(product_url)
    conn.execute("SELECT 1")
    yield conn
    conn.rollback()
    conn.close()
