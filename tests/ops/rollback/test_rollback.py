"""A rollback on the embedded cloud: a bad release goes away, a bad target is undone."""

import io
import json
import threading
import zipfile
from pathlib import Path

import pytest

from components.names import ALIAS
from handlers.contract.functions import WORKFLOW_START, WORKFLOW_STATUS
from ops import audit, cli
from ops.commands import options
from ops.problems import OperatorError
from ops.rollback.apply import apply
from ops.rollback.plan import Move
from ops.rollback.versions import live_version, point_live, read_owner
from ops.stack import Stack
from ops.verify.found import health_of
from tests.ops.releases import other_package, publish, release


@pytest.fixture
def stack(released: Stack) -> Stack:
    return released


@pytest.fixture(autouse=True)
def _the_tests_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(options, "open_local_stack", lambda: stack)
    monkeypatch.setattr(audit, "FOLDER", tmp_path)


@pytest.fixture
def broken(stack: Stack) -> bytes:
    """A package whose health route fails."""
    assert stack.packages is not None
    source = zipfile.ZipFile(next(stack.packages.glob("core-*.zip")))
    content = io.BytesIO()
    with source, zipfile.ZipFile(content, "w") as package:
        for entry in source.infolist():
            bad = entry.filename == "handlers/workflow_status.py"
            package.writestr(entry, b"raise ImportError" if bad else source.read(entry))
    return content.getvalue()


def test_a_bad_release_in_traffic_is_rolled_back_and_no_call_fails_after_it(
    stack: Stack, broken: bytes
) -> None:
    name = stack.names.function(WORKFLOW_STATUS)
    good = live_version(stack, WORKFLOW_STATUS.name)
    assert health_of(stack) == "200"
    bad = release(stack, name, broken)
    assert health_of(stack) != "200"
    answers = list[str]()
    stop, switched = threading.Event(), threading.Event()

    def call() -> None:
        while not stop.is_set():
            after_switch = switched.is_set()
            answer = health_of(stack)
            if after_switch:
                answers.append(answer)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    try:
        status = cli.main(["rollback", "--local", "--to", f"workflow-status={good}", "--yes"])
        switched.set()
        while len(answers) < 20:
            stop.wait(0.05)
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    assert status == 0
    assert set(answers) == {"200"}
    assert live_version(stack, WORKFLOW_STATUS.name) == good != int(bad)


def test_the_same_rollback_again_has_nothing_to_do(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    live = live_version(stack, WORKFLOW_STATUS.name)
    arguments = ["rollback", "--local", "--to", f"workflow-status={live}", "--json"]
    assert cli.main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["moved"] == []


def test_a_target_that_breaks_the_api_is_undone(stack: Stack, broken: bytes) -> None:
    good_status, good_start = (
        live_version(stack, spec.name) for spec in (WORKFLOW_STATUS, WORKFLOW_START)
    )
    start = publish(stack, stack.names.function(WORKFLOW_START), other_package(stack, "another"))
    bad = publish(stack, stack.names.function(WORKFLOW_STATUS), broken)
    planned = [
        Move("workflow-start", good_start, int(start), True),
        Move("workflow-status", good_status, int(bad), True),
    ]
    with pytest.raises(OperatorError, match=r"GET /health answers .*: undone, 2 aliases are back"):
        apply(stack, planned, lambda: health_of(stack))
    assert live_version(stack, "workflow-start") == good_start
    assert live_version(stack, "workflow-status") == good_status
    assert health_of(stack) == "200"


def test_the_machine_goes_back_to_its_earlier_definition(
    stack: Stack, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    client, arn = stack.client("stepfunctions"), stack.names.state_machine_arn
    good = live_version(stack, "state-machine")
    definition = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])
    text = json.dumps({**definition, "TimeoutSeconds": 61})
    client.update_state_machine(stateMachineArn=arn, definition=text, publish=True)
    bad = read_owner(stack, "state-machine").newest
    point_live(stack, "state-machine", bad)
    arguments = [
        "rollback",
        "--local",
        "--to",
        f"state-machine={good}",
        "--yes",
        "--reason",
        "drill",
    ]
    assert cli.main(arguments) == 0
    assert live_version(stack, "state-machine") == good
    assert '- "TimeoutSeconds": 61' in capsys.readouterr().err
    begun, done = (
        json.loads(line) for line in (tmp_path / "audit-local.jsonl").read_text().splitlines()
    )
    assert begun["what"] == f"rollback begins: live of state-machine {bad} -> {good}"
    assert done["what"].startswith("rollback done: ")
    assert done["reason"] == "drill"
    assert done["who"].startswith("arn:aws:")


def test_weights_of_a_canary_go_with_the_move(stack: Stack) -> None:
    name = stack.names.function(WORKFLOW_START)
    owner = read_owner(stack, "workflow-start")
    functions = stack.client("lambda")
    functions.update_alias(
        FunctionName=name,
        Name=ALIAS,
        RoutingConfig={"AdditionalVersionWeights": {str(owner.newest): 0.1}},
    )
    point_live(stack, "workflow-start", owner.live)
    alias = functions.get_alias(FunctionName=name, Name=ALIAS)
    assert not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give one of --previous, --newest and --to"),
        (["--previous", "--newest"], "give one of --previous, --newest and --to"),
        (["--newest", "--confirm", "prod"], "--confirm prod: the stack is local"),
    ],
)
def test_an_unclear_rollback_is_refused(
    arguments: list[str], words: str, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(stack, stack.names.function(WORKFLOW_START), other_package(stack, " ".join(arguments)))
    assert cli.main(["rollback", "--local", *arguments]) == 2
    assert words in capsys.readouterr().err
