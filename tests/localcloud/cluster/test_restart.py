"""What a durable emulator and PostgreSQL hold after a kill: all that they had answered for."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from localcloud.aws.clients import root_client
from localcloud.cluster import processes, servers
from localcloud.cluster.restart import restart, take_snapshot
from localcloud.cluster.state import CloudState
from localcloud.database.postgres import Postgres

KEY = {"pk": {"S": "execution"}, "sk": {"S": "action"}}
WAITS = (
    '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "E"},'
    ' "E": {"Type": "Succeed"}}}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A cloud's folder, whose processes are ended."""
    folder = tmp_path / "cloud"
    folder.mkdir()
    yield folder
    processes.stop(folder)
    servers.release_shared_memory(folder)


def state_of(*records: object) -> CloudState:
    return CloudState.model_construct(servers=records)


def killed(pid: int) -> None:
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in tree:
        process.kill()
    psutil.wait_procs(tree[1:], timeout=10)


def test_a_durable_emulator_keeps_items_and_executions_over_a_kill(folder: Path) -> None:
    record = processes.start(folder, lambda port: servers.emulator(folder, port, durable=True))
    endpoint = f"http://127.0.0.1:{record.port}"
    tables, states, iam = (
        root_client(each, endpoint) for each in ("dynamodb", "stepfunctions", "iam")
    )
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    schema = [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    tables.create_table(
        TableName="Items",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=names,
        KeySchema=schema,
    )
    tables.put_item(TableName="Items", Item={**KEY, "n": {"N": "1"}})
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "states.amazonaws.com"}}]}'
    )
    role = iam.create_role(RoleName="R", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    machine = states.create_state_machine(name="M", definition=WAITS, roleArn=role)
    take_snapshot(endpoint)

    started = states.start_execution(stateMachineArn=machine["stateMachineArn"], name="one")
    gone = {"pk": {"S": "execution"}, "sk": {"S": "gone"}}
    tables.put_item(TableName="Items", Item=gone)
    tables.delete_item(TableName="Items", Key=gone)
    written = [{**KEY, "n": {"N": "2"}}, {"pk": {"S": "execution"}, "sk": {"S": "tasks"}}]
    tables.transact_write_items(
        TransactItems=[{"Put": {"TableName": "Items", "Item": item}} for item in written]
    )
    killed(record.pid)
    restart(folder, state_of(record), servers.EMULATOR)

    assert tables.scan(TableName="Items")["Items"] == written
    execution = states.describe_execution(executionArn=started["executionArn"])
    assert (execution["status"], execution["error"]) == ("FAILED", "States.ServiceRestart")
    stopped = execution["stopDate"]
    again = {"stateMachineArn": machine["stateMachineArn"], "name": "one"}
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**again)

    # half a line: the process was killed while it wrote
    journal = folder / "emulator" / "journal.jsonl"
    killed(restart(folder, state_of(record), servers.EMULATOR).servers[0].pid)
    with journal.open("ab") as file:
        file.write(b'[{"table": "arn:aws')
    restart(folder, state_of(record), servers.EMULATOR)
    assert tables.scan(TableName="Items")["Items"] == written
    execution = states.describe_execution(executionArn=started["executionArn"])
    assert execution["stopDate"] == stopped
    # and what is written after half a line is kept too
    tables.put_item(TableName="Items", Item={**KEY, "n": {"N": "3"}})
    restarted = restart(folder, state_of(record), servers.EMULATOR)
    assert tables.get_item(TableName="Items", Key=KEY)["Item"]["n"] == {"N": "3"}
    assert restarted.servers[0].port == record.port


def test_postgresql_keeps_what_was_committed_over_a_kill(folder: Path) -> None:
    Postgres(folder / "postgresql", 0).initialise()
    record = processes.start(folder, lambda port: servers.postgresql(folder, port))
    url = Postgres(folder / "postgresql", record.port).url_of("postgres")
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE t (n int)")
        conn.execute("INSERT INTO t VALUES (1)")
    os.kill(record.pid, signal.SIGKILL)

    restart(folder, state_of(record), servers.POSTGRESQL)

    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT n FROM t").fetchall() == [(1,)]


def test_what_a_killed_server_left_behind_is_ended_and_nothing_else(folder: Path) -> None:
    def server(name: str, port: int) -> processes.ServerProcess:
        code = (
            "import socket, subprocess, sys\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
            f"server = socket.create_server(('127.0.0.1', {port}))\n"
            "while True: server.accept()[0].close()"
        )
        command = [sys.executable, "-c", code]
        return processes.ServerProcess(
            name, port, command, dict(os.environ), signal.SIGTERM, lambda: True
        )

    one = processes.start(folder, lambda port: server("one", port))
    other = processes.start(folder, lambda port: server("other", port))
    (orphan,) = psutil.Process(one.pid).children()
    os.kill(one.pid, signal.SIGKILL)

    again = processes.start_again(folder, server("one", one.port))

    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert processes.is_alive(other)
    assert again.port == one.port
