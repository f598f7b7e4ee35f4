"""workflow-archive: every execution that has ended is in S3 long before TTL deletes it."""

import io
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handlers import workflow_archive
from handlers.contract.archive import archive_key, archived_id
from handlers.contract.metric_names import MetricName
from handlers.contract.statuses import ExecutionStatus
from tests.handlers.archive.conftest import BUCKET, GOAL_TEXT, Archived
from tests.handlers.measured import measured


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The function's log."""
    lines = io.StringIO()
    handler = workflow_archive.telemetry.logger.registered_handler
    monkeypatch.setattr(handler, "stream", lines)
    return lines


OLD, YOUNG = timedelta(days=8), timedelta(days=6)


def test_an_execution_is_in_the_bucket_with_all_its_items_after_the_table_has_deleted_it(
    archived: Archived,
) -> None:
    execution_id = archived.add(OLD)
    before = archived.items(execution_id)
    assert archived.run() == {"archived": 1, "left": 0}
    archived.expire(execution_id)
    assert archived.items(execution_id) == []
    assert archived.copy(execution_id) == before
    assert [archived_id(key) for key in archived.object_keys()] == [execution_id]


@pytest.mark.parametrize("status", [each for each in ExecutionStatus if each != "RUNNING"])
def test_every_ending_is_archived(archived: Archived, status: ExecutionStatus) -> None:
    execution_id = archived.add(OLD, status)
    archived.run()
    assert archived.object_keys() == [archive_key(execution_id)]


def test_what_runs_and_what_is_young_waits(archived: Archived) -> None:
    archived.add(YOUNG)
    archived.add(OLD, ExecutionStatus.RUNNING)
    assert archived.run() == {"archived": 0, "left": 0}
    assert archived.object_keys() == []


@pytest.mark.parametrize("days", [85, 95, 200, 380])
def test_an_old_execution_is_found_whatever_its_month_even_if_it_has_expired(
    archived: Archived, days: int
) -> None:
    execution_id = archived.add(timedelta(days=days), ttl_days=90)
    archived.run()
    assert archived.copy(execution_id)


def test_a_second_run_copies_nothing_again(
    archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    archived.add(OLD)
    archived.run()
    assert archived.run() == {"archived": 0, "left": 0}
    assert measured(capsys.readouterr().out)[MetricName.EXECUTIONS_ARCHIVED] == [1, 0]


def test_a_copy_without_its_mark_is_made_again_with_the_same_bytes(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution_id = archived.add(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(workflow_archive.ArchivedItems, "mark", forget)
        archived.run()
    first = archived.s3.get_object(Bucket=BUCKET, Key=archive_key(execution_id))["Body"].read()
    assert archived.run()["archived"] == 1
    again = archived.s3.get_object(Bucket=BUCKET, Key=archive_key(execution_id))["Body"].read()
    assert again == first


def forget(*_: object) -> None:
    """A mark that is never written."""


def give_back_otherwise(**_: object) -> dict[str, io.BytesIO]:
    """S3's answer with other bytes."""
    return {"Body": io.BytesIO(b"damaged")}


def fails_for(monkeypatch: pytest.MonkeyPatch, execution_id: str) -> None:
    """S3 refuses the object of one execution."""
    s3 = archive_client()
    put = s3.put_object

    def refuse(**request: Any) -> Any:
        if request["Key"] == archive_key(execution_id):
            raise ClientError({"Error": {"Code": "SlowDown", "Message": GOAL_TEXT}}, "PutObject")
        return put(**request)

    monkeypatch.setattr(s3, "put_object", refuse)


def archive_client() -> Any:
    return workflow_archive._archive()._client  # pyright: ignore[reportPrivateUsage]


def test_one_failure_stops_no_other_copy_and_the_next_run_makes_up_for_it(
    archived: Archived, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    failing, other = archived.add(timedelta(days=9)), archived.add(OLD)
    with monkeypatch.context() as patch:
        fails_for(patch, failing)
        with pytest.raises(workflow_archive.ArchiveIncompleteError, match="1 executions"):
            archived.run()
    assert failing in log.getvalue()
    assert GOAL_TEXT not in log.getvalue()
    assert archived.object_keys() == [archive_key(other)]
    assert archived.run() == {"archived": 1, "left": 0}
    assert archived.copy(failing)


def test_the_lag_is_the_time_since_the_oldest_one_left_was_due(
    archived: Archived, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = archived.add(timedelta(days=9))
    with monkeypatch.context() as patch:
        fails_for(patch, failing)
        with pytest.raises(workflow_archive.ArchiveIncompleteError):
            archived.run()
    [lag] = measured(capsys.readouterr().out)[MetricName.ARCHIVE_LAG]
    assert lag == pytest.approx(2 * 86_400, abs=60)
    archived.run()
    assert measured(capsys.readouterr().out)[MetricName.ARCHIVE_LAG] == [0]


def test_a_copy_that_reads_back_otherwise_is_not_marked(
    archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution_id = archived.add(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(archive_client(), "get_object", give_back_otherwise)
        with pytest.raises(workflow_archive.ArchiveIncompleteError):
            archived.run()
    assert not any("archivedAt" in item for item in archived.items(execution_id))
    assert archived.run()["archived"] == 1


def test_a_run_ends_in_time_and_the_next_one_goes_on(archived: Archived) -> None:
    archived.add(OLD)
    assert archived.run(milliseconds=50_000) == {"archived": 0, "left": 1}
    assert archived.run() == {"archived": 1, "left": 0}


def test_no_text_of_a_user_is_logged(archived: Archived, log: io.StringIO) -> None:
    archived.add(OLD)
    archived.run()
    assert '"message":"archived"' in log.getvalue()
    assert GOAL_TEXT not in log.getvalue()
