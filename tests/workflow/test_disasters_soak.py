"""docs/disaster.md on the cloud: an upgrade and a rollback in mid-run, and a lost region."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from rich.console import Console

from components.names import ALIAS, Names
from handlers.contract.functions import FUNCTIONS, WORKFLOW_RECONCILE, DependencySet
from handlers.contract.timing import START_GRACE_SECONDS
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER, id_token
from localcloud.database.product import seed_user
from localcloud.run.calls import read_history, start_activity
from ops import audit, cli
from ops.backups import restore_commands
from ops.commands import options
from ops.rollback.versions import live_version, point_live, read_owner
from ops.stack import LOCAL, Stack
from ops.verify.facts import Line
from ops.verify.verify import verify
from tests.ops.releases import other_package, publish
from tests.workflow.conftest import CONFIG
from tests.workflow.second_region import OSAKA, bring_up
from tests.workflow.stage import Stage as Scene
from tests.workflow.stage import small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

PRODUCT_TABLES = ("users", "goals", "sub_goals", "actions", "tasks", "goal_workflows")


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    return lambda line: record_property("Disasters", line)


@pytest.fixture
def stack(stage: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stack]:
    packages = stage.calls.parents[1] / "packages"
    stack = Stack(Names(LOCAL, ACCOUNT_ID, REGION), stage.state, stage.state.api_url, packages)
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    yield stack
    stage.configure_model()


def next_release(stack: Stack) -> dict[str, int]:
    """Publish version N+1 of the program and let `live` point at it; versions N, by name.

    The functions first, then the definition, in the order of their dependencies.
    """
    before = {spec.name: live_version(stack, spec.name) for spec in FUNCTIONS}
    before["state-machine"] = live_version(stack, "state-machine")
    packages = {each: other_package(stack, "N+1", each) for each in get_args(DependencySet)}
    functions = stack.client("lambda")
    for spec in FUNCTIONS:
        name = stack.names.function(spec)
        version = publish(stack, name, packages[spec.dependencies])
        functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    machines, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    definition = json.loads(machines.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["Comment"] += ", N+1"
    machines.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(definition), publish=True
    )
    point_live(stack, "state-machine", read_owner(stack, "state-machine").newest)
    return before


def test_an_execution_goes_on_through_an_upgrade_and_through_a_rollback(
    stage: Scene, stack: Stack, measured: Callable[[str], None]
) -> None:
    """Versions change while actions are in the making: of an execution begun on N, and on N+1.

    Neither costs an attempt: a call that the model has not answered within its time is the only
    cause of a second one (the model's latencies have a long tail, and the stage's time is short).
    """
    upgraded = stage.place(small_goal("更新を越える", 8))
    begun_on_n = stage.start(upgraded, latency=3)
    wait_for_calls(stage, upgraded.goal_id)
    started = time.monotonic()
    before = next_release(stack)
    upgrade = time.monotonic() - started
    assert live_version(stack, "state-machine") != before["state-machine"]

    rolled_back = stage.place(small_goal("戻しを越える", 8))
    begun_on_next = start_activity(stage.state.api_url, stage.token, rolled_back.goal_id)
    wait_for_calls(stage, rolled_back.goal_id)
    started = time.monotonic()
    targets = [each for pair in before.items() for each in ("--to", f"{pair[0]}={pair[1]}")]
    assert cli.main(["rollback", "--local", *targets, "--yes", "--reason", "drill"]) == 0
    rollback = time.monotonic() - started
    assert live_version(stack, "state-machine") == before["state-machine"]

    slow_answers = list[int]()
    for mandala, begun in ((upgraded, begun_on_n), (rolled_back, begun_on_next)):
        ended = stage.end(mandala, begun)
        assert ended.snapshot.status == "SUCCEEDED"
        assert not ended.verified.problems
        history = read_history(stage.state.client("stepfunctions"), begun.execution_arn)
        failed = [
            event["lambdaFunctionFailedEventDetails"]["cause"]
            for event in history
            if event["type"] == "LambdaFunctionFailed"
        ]
        assert all("no answer from Bedrock" in cause for cause in failed), failed
        assert sum(item.attempts for item in ended.items()) == len(ended.items()) + len(failed)
        slow_answers.append(len(failed))
        assert stage.goal_state(mandala) == ("ACTIVE", None, None)
    measured(
        f"Upgrade of all functions and the definition in mid-run: {upgrade:.1f} s; rollback"
        f" {rollback:.1f} s; both executions of 8 actions SUCCEEDED; no attempt was lost by them,"
        f" {slow_answers} by slow answers of the model"
    )


def wait_for_calls(stage: Scene, goal_id: str) -> None:
    """Until the goal's execution is at work on an action."""
    items = stage.state.client("dynamodb")
    while True:
        [execution] = stage.conn.execute(
            "SELECT execution_id::text FROM goal_workflows WHERE goal_id = %s", [goal_id]
        ).fetchone() or [None]
        found = items.query(
            TableName=stage.state.table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": execution}, ":sk": {"S": "action#"}},
        )["Items"]
        if any(item["status"]["S"] == "GENERATING" for item in found):
            return
        time.sleep(0.1)


def test_a_stack_is_restored_in_another_region(  # noqa: PLR0917 - fixtures
    stage: Scene,
    stack: Stack,
    measured: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first region is not asked for anything after the backup of its table."""
    whole = stage.run(stage.place(small_goal("完了していた", 4)))
    cut = stage.place(small_goal("途中で失われた", 4))
    begun = stage.start(cut, latency=8)
    wait_for_calls(stage, cut.goal_id)
    started = time.monotonic()
    status, made = command(
        capsys, "backup", "create", "--folder", str(tmp_path / "backups"), "--reason", "drill"
    )
    backup = time.monotonic() - started
    assert status == 0
    rows = product_rows(stage.conn)
    late = stage.run(stage.place(small_goal("バックアップの後", 2)))

    started = time.monotonic()
    cloud, osaka = bring_up(tmp_path / "osaka", CONFIG)
    deployed = time.monotonic() - started
    try:
        with psycopg.connect(osaka.database_url, autocommit=True) as product:
            started = time.monotonic()
            restore_product(product, rows)
            names = Names(LOCAL, osaka.account_id, OSAKA)
            packages = cloud.folder / "packages"
            other = Stack(names, osaka, osaka.api_url, packages, outputs=osaka.exports)
            monkeypatch.setattr(options, "open_local_stack", lambda: other)
            monkeypatch.setattr(restore_commands, "verify", verified_in_osaka)
            file = made["archive"]["file"]
            status, done = command(capsys, "restore", "all", "--from", file, "--yes")
            restored = time.monotonic() - started
            assert (done["absent"], done["failed_checks"]) == ([], [])
            assert (status, done["complete"]) == (0, True)

            status, shown = command(capsys, "executions", "show", whole.execution_id)
            assert (status, shown["status"]) == (0, "SUCCEEDED")
            status, _ = command(capsys, "executions", "show", late.execution_id)
            assert status != 0, "what came after the backup is lost"

            started = time.monotonic()
            swept(other, product)
            assert goal_row(product, cut.goal_id)[1:] == (None, None)
            status, shown = command(capsys, "executions", "show", begun.execution_id)
            assert (status, shown["status"]) == (0, "FAILED")
            again = start_again(osaka, product, cut.goal_id)
            healed = time.monotonic() - started
            assert again == "SUCCEEDED"
            assert goal_row(product, cut.goal_id) == ("ACTIVE", None, None)
        measured(
            f"Region lost: backup {backup:.1f} s; in the other region deployed {deployed:.1f} s,"
            f" restored {restored:.1f} s ({len(done['copied']['written'])} items), the lock of the"
            f" execution that ran released and its goal generated anew {healed:.1f} s; lost: what"
            " came after the backup"
        )
    finally:
        cloud.down(Steps(Console(file=io.StringIO())))


def verified_in_osaka(stack: Stack) -> list[Line]:
    """`ops verify` with what stands in the stack file of a stack in the other region."""
    return verify(stack, {**CONFIG, "aws:region": OSAKA})


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status and answer of a command of `ops`."""
    capsys.readouterr()
    status = cli.main([*arguments, "--local", "--json"])
    shown = capsys.readouterr().out
    return status, json.loads(shown) if shown.strip() else {}


def product_rows(conn: psycopg.Connection[Any]) -> dict[str, list[bytes]]:
    """The product's own backup of its database, as COPY's text."""
    saved = dict[str, list[bytes]]()
    for table in PRODUCT_TABLES:
        with conn.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
            saved[table] = [bytes(block) for block in copy]
    return saved


def restore_product(conn: psycopg.Connection[Any], saved: dict[str, list[bytes]]) -> None:
    """What the product's team does: its database, restored in the other region."""
    conn.execute(f"TRUNCATE {', '.join(PRODUCT_TABLES)} CASCADE".encode())
    for table, blocks in saved.items():
        with conn.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for block in blocks:
                copy.write(block)


def swept(stack: Stack, product: psycopg.Connection[Any]) -> None:
    """The next sweep, once every lock is older than a start's grace."""
    product.execute(
        "UPDATE goal_workflows SET updated_at = updated_at - make_interval(secs => %s)",
        [START_GRACE_SECONDS + 1],
    )
    reply = stack.client("lambda").invoke(
        FunctionName=f"{stack.names.function(WORKFLOW_RECONCILE)}:{ALIAS}", Payload=b"{}"
    )
    assert "FunctionError" not in reply, reply["Payload"].read()


def start_again(osaka: CloudState, product: psycopg.Connection[Any], goal_id: str) -> str:
    """Start the goal in the other region; the end of its execution.

    A user pool is lost with its region, and with it the users' ids: the product links them anew.
    """
    user_id = osaka.users[DEMO_USER].id
    seed_user(product, user_id, "anew@example.com", DEMO_USER)
    product.execute('UPDATE goals SET "userId" = %s WHERE id = %s', [user_id, goal_id])
    begun = start_activity(osaka.api_url, id_token(osaka, DEMO_USER), goal_id)
    machines = osaka.client("stepfunctions")
    while True:
        found = machines.describe_execution(executionArn=begun.execution_arn)["status"]
        if found != "RUNNING":
            return found
        time.sleep(0.2)


def goal_row(product: psycopg.Connection[Any], goal_id: str) -> tuple[Any, ...]:
    row = product.execute(
        "SELECT state, execution_id::text, phase FROM goal_workflows WHERE goal_id = %s", [goal_id]
    ).fetchone()
    assert row
    return row
