"""Brings an embedded cloud up, checks it and takes it down."""

import shutil
import signal
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError
from psycopg import sql

from localcloud.aws.clients import ACCOUNT_ID, REGION, root_client
from localcloud.cluster import processes, servers
from localcloud.cluster.fingerprint import fingerprint
from localcloud.cluster.lock import locked
from localcloud.cluster.restart import take_snapshot
from localcloud.cluster.state import (
    CHECKOUT,
    STATE_FOLDER,
    CloudState,
    CloudUser,
    ServerRecord,
    folder_errors_explained,
    read_state,
    write_state,
)
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER, create_users, full_name
from localcloud.database.mandala import place_goal
from localcloud.database.postgres import DATABASE, Postgres
from localcloud.database.product import create_schema, seed_user
from localcloud.errors import LocalCloudError
from localcloud.goals.goal_file import GOALS_FOLDER, read_goal
from localcloud.slack import WEBHOOK_PATH

_MIGRATION = CHECKOUT / "handlers" / "storage" / "goal_workflows.sql"
_REQUIRED_BYTES = 500_000_000


@dataclass(frozen=True)
class Cloud:
    """The cloud of one state folder.

    config: settings that override those of the stack file, by key, as Pulumi keeps them (JSON).
    durable: the emulator's state outlives a kill, so that `restart` finds the stack again.
    """

    folder: Path = STATE_FOLDER
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    durable: bool = False

    def up(self, steps: Steps, upstream: str = "") -> tuple[CloudState, bool]:
        """Return a healthy cloud of this program and code, and whether it is a new one.

        upstream: where the model server gets its answers, see `CloudState`. Raises LocalCloudError.
        """
        with folder_errors_explained(self.folder), self._locked(steps):
            expected = ";".join(
                [fingerprint(upstream), *map("=".join, sorted(self.config.items()))]
            )
            state = read_state(self.folder)
            dead = dead_servers(state) if state else {}
            if state and not dead and state.fingerprint == expected:
                return state, False
            self._clear(steps, _reason(state, dead))
            try:
                return self._create(steps, expected, upstream), True
            except BaseException as error:
                with _interrupts_ignored():
                    self._remove()
                if isinstance(error, psycopg.OperationalError | BotoCoreError):
                    raise LocalCloudError(
                        f"A server died while the cloud was brought up: {error}"
                    ) from error
                raise

    def down(self, steps: Steps) -> int:
        """End every process and delete every file of the cloud; returns the number of processes."""
        with folder_errors_explained(self.folder), self._locked(steps), _interrupts_ignored():
            return self._remove()

    def state(self) -> CloudState | None:
        """The state of the cloud; None if it is not up."""
        return read_state(self.folder)

    def _locked(self, steps: Steps) -> Any:
        def print_wait() -> None:
            steps.console.print("Another command is at work on this cloud: waiting for it ...")

        return locked(self.folder, print_wait)

    def _clear(self, steps: Steps, reason: str) -> None:
        if self.folder.exists() or processes.find(self.folder):
            with steps.step(f"{reason}: removed it"):
                self._remove()

    def _remove(self) -> int:
        ended = processes.stop(self.folder)
        servers.release_shared_memory(self.folder)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        return ended

    def _create(self, steps: Steps, fingerprint: str, upstream: str) -> CloudState:
        self.folder.mkdir(mode=0o700)
        free = shutil.disk_usage(self.folder).free
        if free < _REQUIRED_BYTES:
            raise LocalCloudError(
                f"Only {free // 1_000_000} MB are free for {self.folder}, the local cloud needs "
                f"{_REQUIRED_BYTES // 1_000_000} MB: make room and run the command again."
            )
        with steps.step("Start PostgreSQL") as step:
            database = self._start_database()
            step.text = f"PostgreSQL on port {database.port}, with the product's tables"
        with steps.step("Start the emulator") as step:
            aws = processes.start(
                self.folder,
                lambda port: servers.emulator(self.folder, port, durable=self.durable),
            )
            step.text = f"AWS emulator on port {aws.port}, IAM enforced"
        with steps.step("Start the model server") as step:
            model = processes.start(
                self.folder,
                lambda port: servers.model_server(self.folder, port, aws.port, upstream),
            )
            step.text = f"Model server on port {model.port}"
        with steps.step("Start the Slack sink") as step:
            slack = processes.start(self.folder, lambda port: servers.slack_sink(self.folder, port))
            step.text = f"Slack sink on port {slack.port}"
        records = (database, aws, model, slack)
        return self._deploy(steps, fingerprint, upstream, records)

    def _start_database(self) -> ServerRecord:
        try:
            Postgres(self.folder / "postgresql", 0).initialise()
        except CalledProcessError as error:
            raise LocalCloudError(f"PostgreSQL cannot make its folder: {error.stderr}") from error
        record = processes.start(self.folder, lambda port: servers.postgresql(self.folder, port))
        server = Postgres(self.folder / "postgresql", record.port)
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(server.url) as conn:
            create_schema(conn)
            conn.execute(_MIGRATION.read_bytes())
        return record

    def _deploy(
        self, steps: Steps, fingerprint: str, upstream: str, records: tuple[ServerRecord, ...]
    ) -> CloudState:
        database, aws, model, slack = records
        database_url = Postgres(self.folder / "postgresql", database.port).url
        endpoint, model_url, slack_url = (
            f"http://127.0.0.1:{each.port}" for each in (aws, model, slack)
        )
        config = {"slackWebhook": f"{slack_url}{WEBHOOK_PATH}", **self.config}
        with steps.step("Deploy the program") as step:
            # its imports take a second, and `down` and `status` do not need them
            from localcloud.cluster.deploy import deploy  # noqa: PLC0415

            deployed = deploy(self.folder, endpoint, model_url, database_url, config)
            step.text = f"The program's {deployed.resources} resources are created and read back"
        for gap in deployed.closed_gaps:
            steps.console.print(
                f"This known gap is closed, remove it from the list: {gap}", style="yellow"
            )
        exports = deployed.exports
        pool_id: str = exports["userPoolId"]
        with steps.step("Create the demo users and goals") as step:
            users = create_users(root_client("cognito-idp", endpoint), pool_id)
            goals = _seed(database_url, users)
            step.text = f"Users {', '.join(users)}; goals {', '.join(goals)}"
        state = CloudState(
            fingerprint=fingerprint,
            upstream=upstream,
            endpoint=endpoint,
            region=REGION,
            account_id=ACCOUNT_ID,
            database_url=database_url,
            api_url=exports["apiUrl"],
            user_pool_id=pool_id,
            user_pool_client_id=next(iter(exports["userPoolClientIds"].values())),
            table_name=exports["tableName"],
            state_machine_arn=exports["stateMachineArn"],
            model_server_url=model_url,
            slack_url=slack_url,
            notifications_topic_arn=exports["notificationsTopicArn"],
            demo_goals=goals,
            users=users,
            servers=records,
            exports=exports,
            known_gaps=deployed.known_gaps,
        )
        if self.durable:
            take_snapshot(endpoint)
        write_state(self.folder, state)
        return state


def dead_servers(state: CloudState) -> dict[str, str]:
    """The problem of each server that does not work, by its name; empty if all work."""
    problems = {
        server.name: "is gone"
        if not processes.is_alive(server)
        else "does not answer"
        if not servers.ANSWERS[server.name](server.port)
        else ""
        for server in state.servers
    }
    return {name: problem for name, problem in problems.items() if problem}


def _reason(state: CloudState | None, dead: Mapping[str, str]) -> str:
    if state is None:
        return "A cloud was brought up only in part"
    if dead:
        broken = ", ".join(f"{name} {problem}" for name, problem in dead.items())
        return f"The cloud is broken ({broken}), its data included"
    return "The cloud was made from another program, code or settings"


def _seed(database_url: str, users: dict[str, CloudUser]) -> dict[str, str]:
    with psycopg.connect(database_url) as conn:
        for name, user in users.items():
            seed_user(conn, user.id, user.email, full_name(name))
        return {
            path.stem: place_goal(conn, users[DEMO_USER].id, read_goal(path)).goal_id
            for path in sorted(GOALS_FOLDER.glob("*.yaml"))
        }


@contextmanager
def _interrupts_ignored() -> Generator[None]:
    """Ignore a second Ctrl-C while the command cleans up after the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
