"""What the operators' commands are run on: executions, releases, losses, a goal that is stuck."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from components.names import ALIAS, Names
from components.settings import STATE_MACHINE_PIN
from handlers.contract.ids import new_execution_id
from handlers.contract.table_keys import EXECUTION_SK
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.cluster.users import DEMO_USER
from localcloud.database.mandala import Mandala
from ops.backups.archive import Archive
from ops.executions.reading import table_of
from ops.rollback.versions import FUNCTION_NAMES, point_live
from ops.stack import LOCAL, Stack
from tests.workflow.api import sign_in_all, until_it_ends
from tests.workflow.every_call import at_work, new_mandala
from tests.workflow.stage import Stage, small_goal

NAMES = Names(LOCAL, ACCOUNT_ID, REGION)


@dataclass(frozen=True)
class Scene:
    """What the commands are about.

    ended: an execution with a failed action, of `goal`. running: one at work, of `busy`.
    folder: for what the commands write.
    """

    stage: Stage
    folder: Path

    ended: str
    goal: str
    running: str
    busy: str


def new_scene(stage: Stage, folder: Path) -> Scene:
    owner, mandala = sign_in_all(stage).owner, new_mandala(stage, size=2)
    stage.configure_model({mandala.actions[0].action_id: {"kind": "refused"}})
    ended = owner.start(mandala.goal_id)["executionId"]
    until_it_ends(owner, ended)
    running = at_work(stage)
    stage.configure_model()
    record = stage.state.client("dynamodb").get_item(
        TableName=NAMES.table, Key={"pk": {"S": running}, "sk": {"S": EXECUTION_SK}}
    )["Item"]
    return Scene(stage, folder, ended, mandala.goal_id, running, record["goalId"]["S"])


def _archives(scene: Scene) -> list[Path]:
    return sorted(scene.folder.glob("backup-*.zip"))


def back_up(scene: Scene) -> Iterator[str]:
    """The second deletes the first, with DynamoDB's backup of it."""
    line = f"--folder {scene.folder} --keep 1 --yes"
    yield line
    (first,) = _archives(scene)
    time.sleep(1)  # the names have seconds
    yield line
    assert first not in _archives(scene)


def restore_table(scene: Scene) -> Iterator[str]:
    """A lost item from an archive, then by DynamoDB; at last a table that is kept."""
    tables, (file,) = scene.stage.state.client("dynamodb"), _archives(scene)
    tables.delete_item(
        TableName=NAMES.table, Key={"pk": {"S": scene.ended}, "sk": {"S": EXECUTION_SK}}
    )
    yield f"--from {file} --yes"
    yield f"--backup {Archive(file).manifest.table_backup} --plan"
    yield "--to-time 1s --plan"
    yield f"--from {file} --plan --keep-table"
    (kept,) = (each for each in tables.list_tables()["TableNames"] if "-restored-" in each)
    tables.update_table(TableName=kept, DeletionProtectionEnabled=False)
    tables.delete_table(TableName=kept)


def restore_all(scene: Scene) -> Iterator[str]:
    """One item is lost, and `live` points at what another release published."""
    scene.stage.state.client("dynamodb").delete_item(
        TableName=NAMES.table, Key={"pk": {"S": scene.ended}, "sk": {"S": EXECUTION_SK}}
    )
    for name in (STATE_MACHINE_PIN, FUNCTION_NAMES[0]):
        point_live(Stack(NAMES, scene.stage.state), name, 2)
    yield f"--from {_archives(scene)[0]} --yes"


def get_stuck(scene: Scene) -> Iterator[str]:
    """A goal whose start died after its lock and its record."""
    hold_by_a_dead_start(scene.stage)
    yield "--yes"


def publish(stage: Stage) -> None:
    """Three more versions of every function and of the machine, as deployments leave them."""
    functions, machines = (stage.state.client(each) for each in ("lambda", "stepfunctions"))
    arn = NAMES.state_machine_arn
    definition = json.loads(machines.describe_state_machine(stateMachineArn=arn)["definition"])
    comments = ("release 0", "release 1", definition["Comment"])
    for number, comment in enumerate(comments):
        for name in FUNCTION_NAMES:
            physical = f"{NAMES.prefix}-{name}"
            memory = functions.get_function_configuration(FunctionName=physical, Qualifier=ALIAS)
            functions.update_function_configuration(
                FunctionName=physical,
                Description=f"release {number}",
                MemorySize=memory["MemorySize"] + (number == 0),
            )
            functions.publish_version(FunctionName=physical)
        machines.update_state_machine(
            stateMachineArn=arn,
            definition=json.dumps({**definition, "Comment": comment}),
            publish=True,
        )


def hold_by_a_dead_start(stage: Stage) -> tuple[str, Mandala]:
    """A goal whose start died after its lock and its record: the execution's id, and the goal."""
    mandala, execution_id = (
        stage.place(small_goal("開始が途中で止まった目標", 1)),
        new_execution_id(),
    )
    stack = Stack(NAMES, stage.state)
    table_of(stack).records.begin(
        execution_id,
        goal_id=mandala.goal_id,
        user_id=stage.state.users[DEMO_USER].id,
        execution_arn=f"{stack.names.execution_arns.removesuffix('*')}{execution_id}",
        total_actions=1,
        started_at=datetime.now(UTC),
    )
    stage.conn.execute(
        "INSERT INTO goal_workflows (goal_id, state, execution_id, previous_state, phase,"
        " updated_at) VALUES (%s, 'PROCESSING', %s, 'DRAFT', 'GENERATING',"
        " now() - interval '10 minutes') ON CONFLICT (goal_id) DO UPDATE SET"
        " state = 'PROCESSING', execution_id = excluded.execution_id, previous_state = 'DRAFT',"
        " phase = 'GENERATING', updated_at = excluded.updated_at",
        (mandala.goal_id, execution_id),
    )
    return execution_id, mandala
