"""The surroundings of the functions: a database, a table, a state machine, and users' actions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import boto3
import psycopg
from botocore.config import Config
from moto.stepfunctions.models import stepfunctions_backends

from handlers.contract.errors import ErrorCode
from handlers.contract.statuses import OPEN_ACTION_STATUSES
from handlers.contract.timing import START_GRACE_SECONDS
from handlers.executions.cancel import cancel
from handlers.executions.finish import COMPLETED, end_execution
from handlers.executions.prepare import Limits, Plan, prepare
from handlers.executions.reconcile import SweepResult, reconcile, sweep
from handlers.executions.start import StartRequest, start
from handlers.executions.state_machine import StateMachine
from handlers.storage.access import TableAccess
from handlers.storage.attempts import Attempts
from handlers.storage.database import Database
from handlers.storage.execution_records import ExecutionRecord
from handlers.storage.items import deserialised
from handlers.storage.models import GeneratedTask, KeptAnswer, Usage, WorkItem
from handlers.storage.stores import Stores

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STARTED_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})
TABLE_NAME = "WorkflowExecution-test"
TTL_DAYS = 90
ACCOUNT, REGION = "123456789012", "ap-northeast-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:TaskGenerationWorkflow-test"


@dataclass(frozen=True)
class ProductGoal:
    goal_id: str
    user_id: str
    action_ids: list[str]


ONE_CALL = Usage(100, 50)


def kept(tasks: Sequence[GeneratedTask]) -> KeptAnswer:
    """An answer in the requested form."""
    return KeptAnswer(tasks, prompt_version="1", model="nova")


class Killed(BaseException):
    """The process has died: no code catches this."""


def ignore(_: ExecutionRecord) -> None:
    """Publishes nothing."""


def new_client(service: str) -> Any:
    """A client that a test may tamper with; without retries."""
    return boto3.client(  # pyright: ignore
        service,  # pyright: ignore
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=ONE_ATTEMPT,
    )


client = cache(new_client)
"""A client that all tests share: making one takes longer than most tests."""


class World:
    """Stores of one function, and a look behind them.

    deployed_url: the functions' DATABASE_URL, as outside the local stack; default: url.
    """

    def __init__(self, url: str, dynamodb: "DynamoDBClient", deployed_url: str = "") -> None:
        self.url = url
        self.is_local = not deployed_url
        self.dynamodb = dynamodb
        secrets = client("secretsmanager")
        secret = secrets.create_secret(Name=f"url-{uuid4()}", SecretString=deployed_url or url)
        self.secret_arn: str = secret["ARN"]
        client("stepfunctions").create_state_machine(
            name="TaskGenerationWorkflow-test",
            definition=json.dumps(
                {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}
            ),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        )
        self.stores = self.another_function()
        self.work_items = self.stores.work_items
        self.attempts = Attempts(dynamodb, TABLE_NAME, TTL_DAYS)
        self.machine = StateMachine(client("stepfunctions"), MACHINE)
        self._connection = psycopg.connect(url, autocommit=True)

    def another_function(self) -> Stores:
        """Stores of another function: with a connection of its own."""
        database = Database(client("secretsmanager"), self.secret_arn, local=self.is_local)
        return Stores.of(database, TableAccess(self.dynamodb, TABLE_NAME, TTL_DAYS))

    def close(self) -> None:
        self.stores.database.close()
        self._connection.close()

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    def add_goal(self, sub_goals: int = 2, actions: int = 2) -> ProductGoal:
        user_id, goal_id = str(uuid4()), str(uuid4())
        self.sql(
            'INSERT INTO users (id, email, name, "updatedAt") VALUES (%s, %s, %s, now())',
            user_id,
            f"{user_id}@example.com",
            "花子",
        )
        self.sql(
            'INSERT INTO goals (id, "userId", title, deadline, "updatedAt")'
            " VALUES (%s, %s, 'フルマラソンを完走する', '2027-03-30T15:00:00Z', now())",
            goal_id,
            user_id,
        )
        action_ids: list[str] = []
        for position in range(sub_goals):
            sub_goal_id = str(uuid4())
            self.sql(
                'INSERT INTO sub_goals (id, "goalId", title, position, "updatedAt")'
                " VALUES (%s, %s, %s, %s, now())",
                sub_goal_id,
                goal_id,
                f"体力 {position}",
                position,
            )
            action_ids += [self.add_action(sub_goal_id, each) for each in range(actions)]
        return ProductGoal(goal_id, user_id, action_ids)

    def add_action(self, sub_goal_id: str, position: int) -> str:
        action_id = str(uuid4())
        self.sql(
            'INSERT INTO actions (id, "subGoalId", title, type, position, "updatedAt")'
            " VALUES (%s, %s, %s, 'HABIT', %s, now())",
            action_id,
            sub_goal_id,
            f"走る {position}",
            position,
        )
        return action_id

    def add_task(
        self, action_id: str, *, status: str = "NOT_STARTED", task_id: UUID | None = None
    ) -> str:
        identity = task_id or uuid4()
        self.sql(
            'INSERT INTO tasks (id, "actionId", title, status, "estimatedMinutes", "updatedAt")'
            " VALUES (%s, %s, '自分で書いた', %s, 30, now())",
            identity,
            action_id,
            status,
        )
        return str(identity)

    def tasks(self, action_id: str) -> list[str]:
        """Ids of an action's tasks in PostgreSQL."""
        rows = self.sql('SELECT id::text FROM tasks WHERE "actionId" = %s ORDER BY id', action_id)
        return [identity for (identity,) in rows]

    def lock(self, goal_id: str) -> tuple[str, str | None, str | None]:
        """State, execution and phase of a goal."""
        [row] = self.sql(
            "SELECT state, execution_id::text, phase FROM goal_workflows WHERE goal_id = %s",
            goal_id,
        )
        return row[0], row[1], row[2]

    def let_the_grace_pass(self) -> None:
        """Make every lock older than a start may take."""
        self.sql(
            "UPDATE goal_workflows SET updated_at = updated_at - make_interval(secs => %s)",
            START_GRACE_SECONDS + 1,
        )

    def start(
        self,
        goal: ProductGoal,
        *,
        action_ids: tuple[str, ...] | None = None,
        parent: str | None = None,
    ) -> str:
        """Id of a new execution."""
        request = StartRequest(goal.goal_id, goal.user_id, action_ids, parent)
        return start(self.stores, self.machine, request).execution_id

    def prepare(self, goal: ProductGoal, execution_id: str, only: list[str] | None = None) -> Plan:
        return prepare(
            self.stores,
            goal.goal_id,
            execution_id,
            only,
            started_at=STARTED_AT,
            limits=Limits(timeout_seconds=900, batch_size=8),
        )

    def fail(self, execution_id: str, action_id: str, code: ErrorCode) -> None:
        """What the state machine does when an action's attempts are used up."""
        self.stores.work_items.fail(execution_id, action_id, code, only_from=OPEN_ACTION_STATUSES)

    def finish(self, goal: ProductGoal, execution_id: str) -> ExecutionRecord:
        record = end_execution(self.stores, goal.goal_id, execution_id, COMPLETED).record
        assert record
        return record

    def cancel(self, goal: ProductGoal, execution_id: str) -> ExecutionRecord:
        return cancel(self.stores, self.machine, execution_id, user_id=goal.user_id, reason="")

    def reconcile(self, execution_id: str) -> ExecutionRecord | None:
        return reconcile(self.stores, self.machine, execution_id, ignore)

    def sweep(self, *, timeout_seconds: int = 900) -> SweepResult:
        return sweep(self.stores, self.machine, timeout_seconds=timeout_seconds, publish=ignore)

    def set_status(self, execution_id: str, action_id: str, status: str) -> None:
        """Give a work item a status that no function would give it."""
        self.set_attribute(execution_id, f"action#{action_id}", "status", status)

    def set_attribute(self, execution_id: str, sk: str, name: str, value: str) -> None:
        """Write an attribute of an item."""
        self.dynamodb.update_item(
            TableName=TABLE_NAME,
            Key={"pk": {"S": execution_id}, "sk": {"S": sk}},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )

    def generate(self, execution_id: str, action_id: str, *titles: str) -> None:
        """What a worker does when all goes well."""
        item = self.attempts.begin(execution_id, action_id, prompt_version="1", model="nova")
        self.keep(execution_id, action_id, *titles, call=item.calls_started + 1)

    def keep(self, execution_id: str, action_id: str, *titles: str, call: int = 1) -> None:
        """call: the answered one's number."""
        tasks = [
            GeneratedTask(title, "詳しく", "HABIT", 30) for title in titles or ("走る", "休む")
        ]
        self.attempts.keep_tasks(execution_id, action_id, call, kept(tasks), ONE_CALL)

    def item(self, execution_id: str, action_id: str) -> WorkItem:
        item = self.stores.work_items.get(execution_id, action_id)
        assert item
        return item

    def statuses(self, execution_id: str) -> list[str]:
        return sorted(item.status for item in self.stores.work_items.of(execution_id))

    def record(self, execution_id: str) -> ExecutionRecord:
        record = self.stores.records.get(execution_id)
        assert record
        return record

    def executions(self, goal_id: str) -> list[str]:
        """Ids of a goal's executions that Step Functions runs."""
        return [
            execution.name
            for execution in self._machine_in_moto().executions
            if execution.status == "RUNNING"
            and json.loads(execution.execution_input)["goalId"] == goal_id
        ]

    def end_in_step_functions(self, execution_id: str, status: str) -> None:
        """Let Step Functions end an execution on its own."""
        [execution] = [e for e in self._machine_in_moto().executions if e.name == execution_id]
        execution.status = status

    def forget_in_step_functions(self, execution_id: str) -> None:
        """As if the execution had never been started."""
        executions = self._machine_in_moto().executions
        executions[:] = [each for each in executions if each.name != execution_id]

    def records(self) -> list[dict[str, Any]]:
        """All execution records, as they are kept."""
        items = self.dynamodb.scan(TableName=TABLE_NAME)["Items"]
        executions = [item for item in map(deserialised, items) if item["sk"] == "execution"]
        # without a goal it only keeps a late record away
        return [item for item in executions if "goalId" in item]

    def _machine_in_moto(self) -> Any:
        [machine] = stepfunctions_backends[ACCOUNT][REGION].state_machines
        return machine
