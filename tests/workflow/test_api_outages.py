"""Outages behind the API: the answer is 503, nothing is half started, and the goal is unlocked.

The database, the table and Step Functions are made unreachable for the deployed functions. X-Ray is
not, since no caller waits for it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.fault_proxy import through_fault_proxy, unreachable
from localcloud.database.mandala import Mandala
from localcloud.run.api_client import ApiClient, ApiRefusedError
from tests.workflow.api import executions_of, until_it_ends
from tests.workflow.stage import Stage, small_goal

START, STATUS = "workflow-start", "workflow-status"


@pytest.fixture
def api(stage: Stage) -> ApiClient:
    stage.configure_model()
    return ApiClient(stage.state.api_url, stage.token)


@pytest.fixture
def mandala(stage: Stage) -> Mandala:
    """A goal of this test."""
    return stage.place(small_goal(f"停電の日の目標 {uuid4()}", size=1))


def refused(api: ApiClient, mandala: Mandala, key: str | None = None) -> None:
    with pytest.raises(ApiRefusedError) as refusal:
        api.start(mandala.goal_id, idempotency_key=key)
    assert (refusal.value.status, refusal.value.code) == (503, "UNAVAILABLE")


def starts_and_succeeds(stage: Stage, api: ApiClient, mandala: Mandala) -> None:
    accepted = api.start(mandala.goal_id)
    assert stage.goal_state(mandala)[1] == accepted["executionId"]
    assert until_it_ends(api, accepted["executionId"])["status"] == "SUCCEEDED"


@contextmanager
def database_down(stage: Stage) -> Generator[None]:
    """The database refuses connections, and has closed those of the functions."""
    url = stage.state.database_url
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as conn:
        conn.execute(allow.format(name, sql.Literal(False)))
        try:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'goal-mandala-workflow'"
            )
            yield
        finally:
            conn.execute(allow.format(name, sql.Literal(True)))


def test_without_the_database_no_start_is_possible_but_all_reads_are(
    stage: Stage, api: ApiClient, mandala: Mandala
) -> None:
    with database_down(stage):
        refused(api, mandala)
        assert api.executions(mandala.goal_id) == {"executions": []}
    assert list(executions_of(stage, mandala.goal_id).values()) == []
    starts_and_succeeds(stage, api, mandala)


@pytest.mark.parametrize("service", ["DYNAMODB", "SFN"])
def test_without_table_or_step_functions_no_start_is_possible_and_the_goal_is_unlocked(
    stage: Stage, api: ApiClient, mandala: Mandala, service: str
) -> None:
    with unreachable(stage.state, START, service):
        refused(api, mandala)
    # without the table there is no record; without Step Functions it is FAILED
    expected = [] if service == "DYNAMODB" else ["FAILED"]
    assert list(executions_of(stage, mandala.goal_id).values()) == expected
    starts_and_succeeds(stage, api, mandala)


def test_a_record_whose_answer_is_lost_is_ended_and_the_goal_is_unlocked(
    stage: Stage, api: ApiClient, mandala: Mandala
) -> None:
    with through_fault_proxy(stage.state, START, "DYNAMODB") as fault_proxy:
        fault_proxy.lost = {"PutItem"}
        refused(api, mandala)
        assert "PutItem" in {call.operation for call in fault_proxy.calls}
    assert list(executions_of(stage, mandala.goal_id).values()) == ["FAILED"]
    assert stage.goal_state(mandala) == ("DRAFT", None, None)
    starts_and_succeeds(stage, api, mandala)


def test_a_start_whose_answer_is_lost_goes_on_and_its_idempotency_key_finds_it(
    stage: Stage, api: ApiClient, mandala: Mandala
) -> None:
    with through_fault_proxy(stage.state, START, "SFN") as fault_proxy:
        fault_proxy.lost = {"StartExecution"}
        refused(api, mandala, key="一度だけ".encode().hex())
        fault_proxy.lost = set()
        accepted = api.start(mandala.goal_id, idempotency_key="一度だけ".encode().hex())
    assert list(executions_of(stage, mandala.goal_id).values()) == [
        until_it_ends(api, accepted["executionId"])["status"]
    ]


def test_without_the_table_no_read_is_possible(stage: Stage, api: ApiClient) -> None:
    with (
        unreachable(stage.state, STATUS, "DYNAMODB"),
        pytest.raises(ApiRefusedError) as refusal,
    ):
        api.executions()
    assert (refusal.value.status, refusal.value.code) == (503, "UNAVAILABLE")
