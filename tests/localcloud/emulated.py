"""An emulator for tests, and shortcuts for the calls that tests make."""

import io
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config

from localcloud.aws import Emulator
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.aws.functions.bootstrap import bootstrap

CHECKOUT = Path(__file__).parents[2]
ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

Json = dict[str, Any]
Read = Callable[..., float | None]
"""Namespace, name, statistic and dimensions of a metric -> its value, None without a sample."""

FUNCTION = """
import json, os, time

def handler(event, context):
    \"\"\"Does what the event says, in this order.\"\"\"
    if "log" in event:
        with open(event["log"], "a") as log:
            log.write(json.dumps(event.get("say", 1)) + "\\n")
    time.sleep(event.get("sleep", 0))
    if "kill" in event:
        os.kill(os.getpid(), 9)
    if "raise" in event:
        raise type(event["raise"], (Exception,), {})("as asked")
    if "call" in event:
        import boto3
        service, operation, arguments = event["call"]
        answer = getattr(boto3.client(service), operation)(**arguments)
        return {"status": answer["ResponseMetadata"]["HTTPStatusCode"]}
    if "size" in event:
        return "x" * event["size"]
    return {
        "said": event.get("say"),
        "arn": context.invoked_function_arn,
        "version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        "milliseconds": context.get_remaining_time_in_millis(),
    }
"""


def statement(actions: str | list[str], resource: str | list[str], effect: str = "Allow") -> Json:
    """One statement of a policy."""
    return {"Effect": effect, "Action": actions, "Resource": resource}


def document(*statements: Json) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class EmulatedAws:
    """A running emulator; every resource gets a unique name."""

    def __init__(self, emulator: Emulator, process: "subprocess.Popen[bytes]") -> None:
        self.emulator = emulator
        self.process = process
        self._clients: dict[str, Any] = {}

    def client(self, service: str, **credentials: str) -> Any:
        """A client with root's credentials, or with those given."""
        if credentials:
            return self._new_client(service, **credentials)
        if service not in self._clients:
            self._clients[service] = self._new_client(service, **ROOT)
        return self._clients[service]

    def _new_client(self, service: str, **credentials: str) -> Any:
        session: Any = boto3
        return session.client(
            service,
            endpoint_url=self.emulator.url,
            region_name=REGION,
            config=Config(retries={"total_max_attempts": 1}),
            **credentials,
        )

    @cached_property
    def states(self) -> Any:
        """Step Functions as root."""
        return self.client("stepfunctions")

    @cached_property
    def functions(self) -> Any:
        """Lambda as root."""
        return self.client("lambda")

    @cached_property
    def tables(self) -> Any:
        """DynamoDB as root."""
        return self.client("dynamodb")

    @cached_property
    def worker(self) -> str:
        """A function that does what its event says; its role has no permission."""
        return self.function(self.role("lambda"))

    @cached_property
    def worker_role(self) -> str:
        """A role for machines that may invoke every function."""
        return self.role("states", statement("lambda:InvokeFunction", "*"))

    def role(self, service: str, *statements: Json) -> str:
        """The ARN of a new role that a service may assume."""
        iam = self.client("iam")
        name = _name(service)
        principal = {"Service": f"{service}.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        if statements:
            policy = document(*statements)
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy)
        return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"

    def function(self, role_arn: str, *, source: str = FUNCTION, timeout: int = 20) -> str:
        """The ARN of a new function; by default one that does what its event says."""
        return self.functions.create_function(
            FunctionName=_name("function"),
            Runtime="provided.al2023",
            Handler="app.handler",
            Role=role_arn,
            Code={"ZipFile": package(source)},
            Timeout=timeout,
        )["FunctionArn"]

    def invoke(self, function_arn: str, event: Json) -> Any:
        """A function's result, or its error object."""
        answer = self.functions.invoke(FunctionName=function_arn, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def machine(
        self, states: Json, *, role_arn: str = "", timeout: int = 30, language: str = "JSONata"
    ) -> str:
        """The ARN of a new machine that starts at the first of its states."""
        return self.states.create_state_machine(
            name=_name("machine"),
            definition=definition(states, timeout=timeout, language=language),
            roleArn=role_arn or self.worker_role,
        )["stateMachineArn"]

    def live(self, machine_arn: str) -> tuple[str, str]:
        """The ARNs of a new alias `live` and of the version that it names."""
        version: str = self.states.publish_state_machine_version(stateMachineArn=machine_arn)[
            "stateMachineVersionArn"
        ]
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        alias = self.states.create_state_machine_alias(name="live", routingConfiguration=routing)
        return alias["stateMachineAliasArn"], version

    def start(self, machine_arn: str, given: Json | None = None, name: str = "") -> str:
        """Start an execution; its ARN."""
        return self.states.start_execution(
            stateMachineArn=machine_arn, name=name or _name("run"), input=json.dumps(given or {})
        )["executionArn"]

    def ended(self, execution_arn: str) -> Json:
        """DescribeExecution, once the execution has ended."""
        wait_until(lambda: self.execution(execution_arn)["status"] != "RUNNING")
        return self.execution(execution_arn)

    def run(self, states: Json, given: Json | None = None, *, role_arn: str = "") -> Json:
        """The ended execution of a machine of these states."""
        return self.ended(self.start(self.machine(states, role_arn=role_arn), given))

    def execution(self, execution_arn: str) -> Json:
        """DescribeExecution."""
        return dict(self.states.describe_execution(executionArn=execution_arn))

    def history(self, execution_arn: str) -> list[Json]:
        """All events of an execution, through every page."""
        pages = self.states.get_paginator("get_execution_history")
        found = pages.paginate(executionArn=execution_arn)
        return [dict(event) for page in found for event in page["events"]]

    def table(self, **extra: Any) -> str:
        """The name of a new table with the keys pk and sk."""
        name = _name("table")
        self.tables.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            **extra,
        )
        return name

    def log(self) -> Path:
        """A new file for functions to write to."""
        return self.emulator.folder / _name("log")


def definition(states: Json, *, timeout: int = 30, language: str = "JSONata") -> str:
    """A machine's definition; `timeout` in seconds."""
    start = next(iter(states))
    machine = {"StartAt": start, "TimeoutSeconds": timeout, "States": states}
    return json.dumps({"QueryLanguage": language, **machine})


def package(source: str) -> bytes:
    """A function's zip."""
    buffer = io.BytesIO()
    executable = zipfile.ZipInfo("bootstrap")
    executable.external_attr = 0o755 << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(executable, bootstrap())
        archive.writestr("app.py", source)
    return buffer.getvalue()


def lines(log: Path) -> list[Any]:
    """What functions have written so far."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Poll until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(0.02)


@contextmanager
def emulated_aws(
    folder: Path, command: list[str] | None = None, lag_seconds: float = 0.0
) -> Generator[EmulatedAws]:
    """Serve an emulator from a folder, and end it with all its processes.

    command: another server than the emulator, for the same environment.
    lag_seconds: how long what is made takes to count.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    emulator = Emulator(folder, port, REGION, ACCOUNT_ID, lag_seconds)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command or emulator.command,
            env=emulator.environment,
            cwd=CHECKOUT,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: process.poll() is not None or _answers(emulator.url))
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        yield EmulatedAws(emulator, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def _name(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:12]}"
