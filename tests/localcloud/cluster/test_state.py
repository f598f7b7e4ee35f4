"""The state file of a cloud."""

import stat
from pathlib import Path

import pytest

from localcloud.cluster.state import (
    CloudState,
    CloudUser,
    ServerRecord,
    folder_errors_explained,
    read_servers,
    read_state,
    write_servers,
    write_state,
)
from localcloud.errors import LocalCloudError

SERVER = ServerRecord(name="emulator", pid=12, started_at=1.5, port=3, stop_signal=15)
STATE = CloudState(
    fingerprint="f",
    upstream="",
    endpoint="http://127.0.0.1:1",
    region="ap-northeast-1",
    account_id="123456789012",
    database_url="postgresql://",
    api_url="http://127.0.0.1:1/api",
    user_pool_id="pool",
    user_pool_client_id="client",
    table_name="table",
    state_machine_arn="arn",
    model_server_url="http://127.0.0.1:2",
    slack_url="http://127.0.0.1:3",
    notifications_topic_arn="arn",
    demo_goals={"marathon": "id"},
    users={"hanako": CloudUser(id="1", email="a@example.com", password="x", groups=("admin",))},
    servers=(SERVER,),
    exports={"functionArns": {"workflow-start": "arn"}},
)


def test_the_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    write_servers(tmp_path, (SERVER,))
    assert read_state(tmp_path) == STATE
    assert read_servers(tmp_path) == (SERVER,)
    assert STATE.pids == {"emulator": 12}


def test_only_its_owner_may_read_the_state_file(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600]


def test_the_state_file_has_names_in_camel_case(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    text = (tmp_path / "state.json").read_text()
    for name in ("endpoint", "region", "accountId", "databaseUrl", "demoGoals", "apiUrl"):
        assert f'"{name}"' in text


@pytest.mark.parametrize("content", ["", "{", "[]", '{"fingerprint": 1}'])
def test_a_damaged_state_file_counts_as_no_cloud(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    (tmp_path / "servers.json").write_text(content)
    assert read_state(tmp_path) is None
    assert read_servers(tmp_path) == ()


def test_a_missing_folder_counts_as_no_cloud(tmp_path: Path) -> None:
    assert read_state(tmp_path / "none") is None
    assert read_servers(tmp_path / "none") == ()


def test_the_error_for_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(LocalCloudError, match=r"No space left on device[\s\S]*Free some space"),
        folder_errors_explained(tmp_path),
    ):
        Path("/dev/full").write_text("x")


def test_the_error_for_a_folder_that_cannot_be_created_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(LocalCloudError, match=r"file/\.localcloud cannot be used"),
        folder_errors_explained(tmp_path / "file" / ".localcloud"),
    ):
        (tmp_path / "file" / ".localcloud").mkdir()


def test_other_errors_are_not_changed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), folder_errors_explained(tmp_path):
        (tmp_path / "none").read_text()
