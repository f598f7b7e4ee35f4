"""The local stack on Pulumi's engine: created, changed, previewed and destroyed."""

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
class StackLifecycle:
    """What the engine did, and what the services held after each operation."""

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


# the fixture runs five operations on the whole stack
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def lifecycle(engine: Engine, aws: EmulatedAws, secrets: dict[str, str]) -> StackLifecycle:
    """The stack is created, changed and destroyed once for all tests."""
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
    return StackLifecycle(
        up=up,
        exports=exports,
        health=health,
        before=before,
        changing=changing,
        changed=changed,
        after=after,
        unchanged=unchanged,
        destroyed=destroyed,
        left=everything_left(aws),
    )


def held(aws: EmulatedAws) -> dict[str, Any]:
    """The properties that the changed settings affect, as the services hold them."""
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
    """All resources that exist, by kind; keys that wait for their deletion do not count."""
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


def test_up_creates_every_declared_resource(
    lifecycle: StackLifecycle, secrets: dict[str, str]
) -> None:
    program = evaluate("local", secrets, preview=True)
    declared = [each.urn for each in (*program.resources, *program.components)]
    assert set(lifecycle.up.operations) >= set(declared)
    assert set(lifecycle.up.operations.values()) == {"create"}
    assert lifecycle.exports.keys() == program.exports.keys()


def test_the_api_of_the_stack_answers(lifecycle: StackLifecycle) -> None:
    assert lifecycle.health == 200


def test_changed_settings_update_resources_and_replace_none(lifecycle: StackLifecycle) -> None:
    assert lifecycle.changing.operations == lifecycle.changed.operations
    assert set(lifecycle.changed.operations.values()) == {"update"}
    names = {urn.rpartition("::")[2] for urn in lifecycle.changed.operations}
    reached = {"functions-task-generation", "workflow-machine", "workflow-live", "workflow-log"}
    assert names >= {*reached, "functions-task-generation-live"}
    assert not names & {"executions-table", "keys-key", "users-pool", "functions-workflow-status"}


def test_the_services_hold_the_changes(lifecycle: StackLifecycle) -> None:
    assert (lifecycle.before["timeout"], lifecycle.after["timeout"]) == (120, 100)
    assert (lifecycle.before["version"], lifecycle.after["version"]) == ("1", "2")
    assert (lifecycle.before["run seconds"], lifecycle.after["run seconds"]) == (900, 1200)
    assert (lifecycle.before["days"], lifecycle.after["days"]) == ({1}, {7})
    assert lifecycle.after["machine version"].endswith(":2")


def test_a_preview_without_changes_has_no_operations(lifecycle: StackLifecycle) -> None:
    assert lifecycle.unchanged.operations == {}
    assert lifecycle.unchanged.same == len(lifecycle.up.operations)


def test_destroy_leaves_nothing(lifecycle: StackLifecycle) -> None:
    assert set(lifecycle.destroyed.operations.values()) == {"delete"}
    assert len(lifecycle.destroyed.operations) == len(lifecycle.up.operations)
    assert {kind: found for kind, found in lifecycle.left.items() if found} == {}


def test_the_engine_runs_the_pack_and_passes_it_the_secret_configuration(
    lifecycle: StackLifecycle, secrets: dict[str, str]
) -> None:
    events = lifecycle.changing.policy_events
    (event,) = (each for each in events if each.policy_name == PLAIN)
    assert event.enforcement_level == "mandatory"
    assert f"configuration {NOT_HIDDEN} looks like a secret" in event.message
    assert secrets[NOT_HIDDEN] not in event.message
