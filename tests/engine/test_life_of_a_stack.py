"""The local stack on Pulumi's engine: up, unchanged, changed, destroyed."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from localcloud.pulumi_cli import Engine, EngineOutcome
from tests.localcloud.emulated import EmulatedAws

CHANGED = {
    "goal-mandala:workflowTimeout": "1200",
    "goal-mandala:generation": '{"timeout": 100}',
    "goal-mandala:logRetentionDays": "7",
}
NOT_HIDDEN = "goal-mandala:databaseUrl"
PLAIN = "access-no-plain-configuration"
WORKER = "goal-mandala-local-task-generation"


@dataclass
class Life:
    """What the engine did, and what was held at each turn."""

    up: EngineOutcome
    exports: Mapping[str, Any]
    health: int
    before: Mapping[str, Any]
    changing: EngineOutcome
    changed: EngineOutcome
    after: Mapping[str, Any]
    unchanged: EngineOutcome
    destroyed: EngineOutcome
    left: Mapping[str, list[Any]]


@pytest.fixture(scope="module")
def secrets() -> dict[str, str]:
    return throwaway_secrets()


# five turns of a whole stack in its set-up, on two cores that are busy
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def life(engine: Engine, aws: EmulatedAws, secrets: dict[str, str]) -> Life:
    """Lived once: each turn of a stack takes the engine seconds."""
    hidden = {key: value for key, value in secrets.items() if key != NOT_HIDDEN}
    stack = engine.stack(ROOT, "local", {NOT_HIDDEN: secrets[NOT_HIDDEN]}, hidden)
    try:
        up = stack.up()
        exports = stack.outputs()
        with urllib.request.urlopen(f"{exports['apiUrl']}/health", timeout=20) as answer:
            health = answer.status
        before = held(aws)
        stack.configure(CHANGED)
        changing, changed = stack.preview(policy_pack=ROOT / "policies"), stack.up()
        after, unchanged = held(aws), stack.preview()
    finally:
        destroyed = stack.destroy()
    return Life(
        *(up, exports, health, before, changing, changed, after, unchanged, destroyed),
        everything_left(aws),
    )


def held(aws: EmulatedAws) -> dict[str, Any]:
    """Of what the changed settings reach: what the services hold."""
    machine = aws.states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    alias = aws.states.describe_state_machine_alias(stateMachineAliasArn=f"{machine}:live")
    definition = aws.states.describe_state_machine(stateMachineArn=machine)["definition"]
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    return {
        "timeout": aws.functions.get_function_configuration(FunctionName=WORKER, Qualifier="live")[
            "Timeout"
        ],
        "version": aws.functions.get_alias(FunctionName=WORKER, Name="live")["FunctionVersion"],
        "machine version": alias["routingConfiguration"][0]["stateMachineVersionArn"],
        "run seconds": json.loads(definition)["TimeoutSeconds"],
        "days": {group.get("retentionInDays") for group in groups},
    }


def everything_left(aws: EmulatedAws) -> dict[str, list[Any]]:
    """What there still is, by kind; keys that wait for their deletion do not count."""
    kms, states, queues = aws.client("kms"), aws.states, aws.client("sqs")
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    return {
        "functions": aws.functions.list_functions()["Functions"],
        "machines": states.list_state_machines()["stateMachines"],
        "tables": aws.tables.list_tables()["TableNames"],
        "topics": aws.client("sns").list_topics()["Topics"],
        "queues": queues.list_queues().get("QueueUrls", []),
        "roles": aws.client("iam").list_roles()["Roles"],
        "groups": aws.client("logs").describe_log_groups()["logGroups"],
        "rules": aws.client("events").list_rules()["Rules"],
        "secrets": aws.client("secretsmanager").list_secrets()["SecretList"],
        "apis": aws.client("apigatewayv2").get_apis()["Items"],
        "pools": aws.client("cognito-idp").list_user_pools(MaxResults=9)["UserPools"],
        "alarms": aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": aws.client("cloudwatch").list_dashboards()["DashboardEntries"],
        "aliases": [a for a in kms.list_aliases()["Aliases"] if "goal-mandala" in a["AliasName"]],
        "keys": [k for k in keys if kms.describe_key(KeyId=k)["KeyMetadata"]["Enabled"]],
    }


def test_up_creates_all_that_the_program_declares(life: Life, secrets: dict[str, str]) -> None:
    program = evaluate("local", secrets, preview=True)
    declared = [each.urn for each in (*program.resources, *program.components)]
    assert set(life.up.operations) >= set(declared)
    assert set(life.up.operations.values()) == {"create"}
    assert life.exports.keys() == program.exports.keys()


def test_what_is_up_works(life: Life) -> None:
    assert life.health == 200


def test_changed_settings_change_what_they_reach_and_replace_nothing(life: Life) -> None:
    assert life.changing.operations == life.changed.operations
    assert set(life.changed.operations.values()) == {"update"}
    names = {urn.rpartition("::")[2] for urn in life.changed.operations}
    reached = {"functions-task-generation", "workflow-machine", "workflow-live", "workflow-log"}
    assert names >= {*reached, "functions-task-generation-live"}
    assert not names & {"executions-table", "keys-key", "users-pool", "functions-workflow-status"}


def test_a_change_is_held_by_the_services(life: Life) -> None:
    assert (life.before["timeout"], life.after["timeout"]) == (120, 100)
    assert (life.before["version"], life.after["version"]) == ("1", "2")
    assert (life.before["run seconds"], life.after["run seconds"]) == (900, 1200)
    assert (life.before["days"], life.after["days"]) == ({1}, {7})
    assert life.after["machine version"].endswith(":2")


def test_a_preview_of_what_is_up_has_nothing_to_do(life: Life) -> None:
    assert life.unchanged.operations == {}
    assert life.unchanged.same == len(life.up.operations)


def test_destroy_leaves_nothing(life: Life) -> None:
    assert set(life.destroyed.operations.values()) == {"delete"}
    assert len(life.destroyed.operations) == len(life.up.operations)
    assert {kind: found for kind, found in life.left.items() if found} == {}


def test_the_engine_asks_the_pack_and_tells_it_which_configuration_is_secret(
    life: Life, secrets: dict[str, str]
) -> None:
    (event,) = life.changing.policy_events
    assert (event.policy_name, event.enforcement_level) == (PLAIN, "mandatory")
    assert f"configuration {NOT_HIDDEN} looks like a secret" in event.message
    assert secrets[NOT_HIDDEN] not in event.message
