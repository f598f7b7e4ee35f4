"""SnapStart: sandboxes that are copies of one initialised process share nothing that must differ.

A fork is such a copy: it has the memory and the open connections of the process that it came from.
But Python seeds `random` anew in a fork, which nothing does in a restored sandbox: that is undone.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from components.compute.workflow_functions import SNAPSHOTTED
from handlers.contract.environment import Env, variables_of
from handlers.contract.functions import FunctionSpec

COPIES = """
import importlib, json, os, random, sys
import psutil
importlib.import_module(sys.argv[1])
from awslambdaric.lambda_runtime_hooks_runner import run_after_restore
from handlers.contract.ids import new_execution_id
from aws_xray_sdk.core.models.traceid import TraceId
open_at_snapshot = [str(each) for each in psutil.Process().net_connections("tcp")]
print(json.dumps(open_at_snapshot), flush=True)
state = random.getstate()
for _ in range(2):
    copy = os.fork()
    if not copy:
        random.setstate(state)
        run_after_restore()
        drawn = {"jitter": [random.random() for _ in range(3)]}
        drawn |= {"execution": new_execution_id()[-12:], "trace": TraceId().to_id()[-24:]}
        print(json.dumps(drawn), flush=True)
        os._exit(0)
    os.waitpid(copy, 0)
"""
VALUES = {
    Env.ENVIRONMENT: "dev",
    Env.TABLE_NAME: "table",
    Env.TTL_DAYS: "90",
    Env.DATABASE_URL_SECRET_ARN: "arn:database",
    Env.STATE_MACHINE_ARN: "arn:aws:states:ap-northeast-1:123456789012:stateMachine:M:live",
    Env.TRACED_PERCENT: "100",
    Env.JWT_SECRET_ARN: "arn:jwt",
    Env.BEDROCK_MODEL: "amazon.nova-micro-v1:0",
    Env.MODEL_CALL_TIMEOUT_SECONDS: "45",
    Env.HEDGE_AFTER_SECONDS: "0",
    Env.MODEL_BUDGET_PER_MINUTE: "0",
}


def initialised(function: FunctionSpec) -> list[Any]:
    """What is open at the snapshot of a function, and what two copies of it draw."""
    environment = {
        **{each.name: VALUES[each] for each in variables_of(function)},
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "LAMBDA_TASK_ROOT": "/var/task",  # by which X-Ray's SDK knows Lambda
        "AWS_REGION": "ap-northeast-1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", COPIES, f"handlers.{function.module}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith(("[", '{"jit'))]


@pytest.mark.parametrize("function", sorted(SNAPSHOTTED, key=str), ids=lambda each: each.name)
def test_two_copies_of_a_snapshot_share_no_connection_no_id_and_no_jitter(
    function: FunctionSpec,
) -> None:
    connections, one, other = initialised(function)
    assert connections == []
    assert all(one[drawn] != other[drawn] for drawn in ("jitter", "execution", "trace"))
