"""A stack of prod with every option, from its first deployment to its re-creation."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from declared.program import ROOT, evaluate
from handlers.contract.functions import FUNCTIONS
from localcloud.aws.clients import ACCOUNT_ID
from localcloud.pulumi_cli import (
    Engine,
    EngineError,
    EngineOutcome,
    EngineStack,
    ProviderTarget,
    pulumi_engine,
)
from tests.deployments.changes import SETTINGS, configuration, setting_changes
from tests.deployments.operations import operations
from tests.engine.computed_provider import FileCloud

# one stack lives through all of it in its set-up, on two cores that are busy
pytestmark = pytest.mark.timeout(600)

COMPARED = (
    *("workflowTimeout", "maxBatchConcurrency", "maxActionConcurrency", "batchSize", "retry"),
    *("throttleRetry", "table", "archive", "alarms", "tracing", "slack", "alertEmails"),
    *("bedrockModel", "vpc", "keptVersions", "operators", "permissionsBoundary", "customDomain"),
    *("databaseUrl", "jwtSecret", "slackWebhook"),
)
"""Changes whose operations a preview of the engine confirms, of every kind of operation.

All at once, for a preview takes seconds. None is of a setting in Pulumi.prod.yaml, where it would
have another value to go back to.
"""

COGNITO = {"cognito": SETTINGS["cognito"]}


@dataclass
class ProdLife:
    """What the engine did at each turn, by the turn's name; refused: in its words."""

    done: dict[str, EngineOutcome] = field(default_factory=dict[str, EngineOutcome])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    left: dict[str, str] = field(default_factory=dict[str, str])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("file-cloud")


@pytest.fixture(scope="module")
def computed(cli: Path, folder: Path) -> Iterator[Engine]:
    """An engine whose cloud is a file."""
    target = ProviderTarget(ACCOUNT_ID, packages=str(folder))
    with pulumi_engine(target, "tests.engine.computed_provider") as engine:
        yield engine


def refusal(stack: EngineStack) -> str:
    with pytest.raises(EngineError) as refused:
        stack.up()
    return str(refused.value)


@pytest.fixture(scope="module")
def life(computed: Engine, folder: Path) -> ProdLife:
    """Lived once: each turn takes the engine seconds."""
    lived = ProdLife()
    stack = computed.stack(ROOT, "prod", {}, configuration())
    (folder / "refuse").write_text("executions-table api-stage functions-workflow-start-live")
    lived.refused["interrupted"] = refusal(stack)
    (folder / "refuse").write_text("workflow-machine")
    lived.refused["interrupted again"] = refusal(stack)
    (folder / "refuse").unlink()
    lived.done["completed"] = stack.up()
    lived.done["second"] = stack.up()
    lived.refused["destroyed"] = refusal_of_destroy(stack)
    stack.unprotect()
    lived.done["destroyed"] = stack.destroy()
    cloud = FileCloud(folder, ACCOUNT_ID)
    lived.left = {key: each["type"] for key, each in cloud.held().items()}
    lived.refused["created anew"] = refusal(stack)
    stack.unprotect()
    stack.destroy()
    ids = {type_: id_ for id_, type_ in lived.left.items()}
    adopted = {
        "keyId": ids["aws:kms/key:Key"],
        "userPoolId": ids["aws:cognito/userPool:UserPool"],
        "clientId": ids["aws:cognito/userPoolClient:UserPoolClient"],
    }
    stack.configure({"goal-mandala:adopt": json.dumps(adopted)})
    lived.done["adopted"] = stack.up()
    stack.remove("goal-mandala:adopt")
    lived.done["after adoption"] = stack.up()
    configured(stack, configuration(), compared())
    lived.done["compared"] = stack.preview()
    configured(stack, compared(), configuration())
    stack.configure({"goal-mandala:cognito": configuration(COGNITO)["goal-mandala:cognito"]})
    lived.refused["cognito"] = refusal(stack)
    return lived


def compared() -> dict[str, str]:
    """The configuration with every change of COMPARED."""
    changes = (each for each in setting_changes(each_value=False) if each.name in COMPARED)
    return configuration({name: new for each in changes for name, new in each.values.items()})


def configured(stack: EngineStack, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Change the stack's configuration from one to another."""
    stack.configure({name: text for name, text in new.items() if old.get(name) != text})
    for name in old.keys() - new.keys():
        stack.remove(name)


def refusal_of_destroy(stack: EngineStack) -> str:
    with pytest.raises(EngineError) as refused:
        stack.destroy()
    return str(refused.value)


def test_an_interrupted_deployment_is_completed_by_the_next(life: ProdLife) -> None:
    assert "executions-table: refused" in life.refused["interrupted"]
    assert "workflow-machine: refused" in life.refused["interrupted again"]
    assert set(life.done["completed"].operations.values()) == {"create"}
    assert life.done["completed"].same > 0


def test_a_second_deployment_changes_nothing(life: ProdLife) -> None:
    assert life.done["second"].operations == {}
    assert life.done["second"].warnings == ()


def test_prod_is_not_destroyed_while_it_is_protected(life: ProdLife) -> None:
    assert "protect" in life.refused["destroyed"]


def _adopted(life: ProdLife) -> Counter[str]:
    """What is left, without the bucket's configurations: they are set again, not created."""
    bucket = "aws:s3/bucket:Bucket"
    return Counter(
        each for each in life.left.values() if each == bucket or not each.startswith("aws:s3/")
    )


def test_what_prod_retains_outlives_it_and_is_in_the_way_of_a_new_stack(life: ProdLife) -> None:
    assert _adopted(life) == {
        "aws:backup/vault:Vault": 1,
        "aws:kms/key:Key": 1,
        "aws:s3/bucket:Bucket": 1,
        "aws:dynamodb/table:Table": 1,
        "aws:cognito/userPool:UserPool": 1,
        "aws:cognito/userPoolClient:UserPoolClient": 1,
        "aws:cognito/userGroup:UserGroup": 1,
        "aws:cloudwatch/logGroup:LogGroup": len(FUNCTIONS) + 2,
    }
    assert "ResourceInUseException" in life.refused["created anew"]


def test_a_new_stack_adopts_what_is_left_and_keeps_it_without_the_setting(life: ProdLife) -> None:
    operations = Counter(life.done["adopted"].operations.values())
    assert operations["import"] == _adopted(life).total()
    assert set(operations) == {"import", "create"}
    assert life.done["after adoption"].operations == {}


def test_the_engine_does_what_the_table_of_operations_says(life: ProdLife) -> None:
    old, new = (evaluate("prod", each).resources for each in (configuration(), compared()))
    expected = {each.name: each.operation for each in operations(old, new)}
    done = life.done["compared"].operations
    assert {urn.rpartition("::")[2]: each for urn, each in done.items()} == expected
    assert set(expected.values()) == {"create", "update", "replace", "delete"}


def test_a_pool_with_users_is_not_deleted_by_a_setting(life: ProdLife) -> None:
    assert "aws:cognito/userPool:UserPool" in life.refused["cognito"]
    assert "protect" in life.refused["cognito"]
