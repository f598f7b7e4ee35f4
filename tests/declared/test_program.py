"""A Pulumi program evaluated without an engine: order, outputs, secrets, errors."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import SettingsError
from declared.program import evaluate, stack_config
from declared.resources import DeclaredResource

CONFIG = {
    "databaseUrl": "postgresql://throwaway:hunter2@db.invalid/goals",
    "jwtSecret": "throwaway",
    "slackWebhook": "https://hooks.invalid/hook",
}


@pytest.fixture(autouse=True)
def no_guide_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings in this machine's environment from changing the result."""
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK"):
        monkeypatch.delenv(name, raising=False)


class Recorder:
    """Records resources instead of creating them; outputs contain the resource's name."""

    def __init__(self, failing: str = "") -> None:
        self.seen: list[DeclaredResource] = []
        self.failing = failing

    def __call__(self, resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
        self.seen.append(resource)
        if resource.type == self.failing:
            raise ConnectionError(f"cannot create {resource.name}")
        arn = f"arn:of:{resource.name}"
        version = {"version": "7", "stateMachineVersionArn": f"{arn}:7"}
        urls = {"apiEndpoint": "http://api", "executionArn": "arn:api", "url": "http://queue"}
        return f"id-of-{resource.name}", {"arn": arn, **version, **urls}


def test_each_resource_is_provisioned_once_after_its_dependencies() -> None:
    provision = Recorder()
    evaluated = evaluate("local", CONFIG, provision=provision)
    assert list(evaluated.resources) == provision.seen
    created: set[str] = {component.urn for component in evaluated.components}
    for resource in provision.seen:
        assert resource.dependencies <= created
        created.add(resource.urn)
    assert len(created) == len(evaluated.resources) + len(evaluated.components)


def test_two_resources_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = "import pulumi_aws as aws\nfor _ in range(2): aws.sns.Topic('same')\n"
    (tmp_path / "__main__.py").write_text(twice)
    _stack_files(tmp_path)
    with pytest.raises(ValueError, match=r"Duplicate resource URN .*:other::.*::same"):
        evaluate("dev", {}, folder=tmp_path)


def _stack_files(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")


def test_another_program_reads_what_a_stack_exports(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import pulumi\n"
        "stack = pulumi.StackReference('organization/goal-mandala/dev')\n"
        "pulumi.export('table', stack.require_output('tableName'))\n"
    )
    _stack_files(tmp_path)
    exports = {"organization/goal-mandala/dev": {"tableName": "WorkflowExecution-dev"}}
    evaluated = evaluate("dev", {}, folder=tmp_path, references=exports)
    assert evaluated.exports == {"table": "WorkflowExecution-dev"}


def test_a_reference_to_an_unknown_stack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.StackReference('a/b/c')\n")
    _stack_files(tmp_path)
    with pytest.raises(LookupError, match="no stack named a/b/c found"):
        evaluate("dev", {}, folder=tmp_path)


def test_outputs_reach_other_resources_and_the_exports() -> None:
    evaluated = evaluate("local", CONFIG, provision=Recorder())
    assert evaluated.exports["keyArn"] == "arn:of:keys-key"
    assert evaluated.exports["userPoolId"] == "id-of-users-pool"
    alias = next(r for r in evaluated.resources if r.name == "functions-workflow-start-live")
    assert alias.inputs["functionVersion"] == "7"


def test_an_input_has_the_resources_that_it_comes_from() -> None:
    evaluated = evaluate("local", CONFIG, preview=True)
    table = next(r for r in evaluated.resources if r.type == "aws:dynamodb/table:Table")
    (key,) = table.property_dependencies["serverSideEncryption"]
    assert key.endswith("aws:kms/key:Key::keys-key")
    assert not table.property_dependencies.get("name")


def test_the_first_error_ends_the_evaluation_and_is_raised() -> None:
    provision = Recorder(failing="aws:dynamodb/table:Table")
    with pytest.raises(ConnectionError, match="cannot create executions-table"):
        evaluate("local", CONFIG, provision=provision)
    assert provision.seen[-1].type == "aws:dynamodb/table:Table"


def test_one_process_evaluates_several_stacks() -> None:
    assert evaluate("dev", CONFIG).exports["environment"] == "dev"
    with pytest.raises(SettingsError):
        evaluate("dev", {})
    assert evaluate("staging", CONFIG).exports["environment"] == "staging"


def test_given_settings_override_those_of_the_stack_file() -> None:
    assert stack_config("prod")["goal-mandala:protect"] == "true"
    evaluated = evaluate("prod", {**CONFIG, "goal-mandala:protect": "false"})
    assert not any(resource.protect for resource in evaluated.resources)


def test_a_misspelt_key_is_refused_with_the_known_keys() -> None:
    with pytest.raises(SettingsError, match=r"unknown: goal-mandala:batchsize; .*batchSize"):
        evaluate("dev", {**CONFIG, "batchsize": "6"})


def test_the_credentials_of_another_account_are_refused() -> None:
    with pytest.raises(SettingsError, match="credentials belong to account 999999999999"):
        evaluate("dev", CONFIG, caller_account="999999999999")


def test_the_error_about_a_missing_secret_has_its_key_and_command() -> None:
    without = {key: value for key, value in CONFIG.items() if key != "databaseUrl"}
    with pytest.raises(SettingsError, match="config set --secret goal-mandala:databaseUrl"):
        evaluate("dev", without)


def test_the_secrets_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", CONFIG["databaseUrl"])
    monkeypatch.setenv("JWT_SECRET", CONFIG["jwtSecret"])
    monkeypatch.setenv("SLACK_WEBHOOK", CONFIG["slackWebhook"])
    stored = [
        resource.inputs["secretString"]
        for resource in evaluate("staging", {}).resources
        if "secretString" in resource.secret_inputs
    ]
    assert sorted(stored) == sorted(CONFIG.values())


def test_an_existing_user_pool_is_used_and_none_is_declared() -> None:
    cognito = '{"userPoolId": "ap-northeast-1_Product", "clientIds": ["web1", "app1"]}'
    evaluated = evaluate("dev", {**CONFIG, "cognito": cognito})
    assert not [r for r in evaluated.resources if r.type.startswith("aws:cognito")]
    assert evaluated.exports["userPoolId"] == "ap-northeast-1_Product"
    assert set(evaluated.exports["userPoolClientIds"].values()) == {"web1", "app1"}


def test_only_functions_that_use_postgresql_are_in_the_vpc() -> None:
    vpc = '{"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}'
    evaluated = evaluate("dev", {**CONFIG, "vpc": vpc})
    inside = {r.name for r in evaluated.resources if "vpcConfig" in r.inputs}
    assert "functions-workflow-save-batch" in inside
    assert "functions-task-generation" not in inside


def test_a_provisioned_table_has_the_guides_capacities() -> None:
    evaluated = evaluate("dev", {**CONFIG, "table": '{"billing": "provisioned"}'})
    table = next(r for r in evaluated.resources if r.type == "aws:dynamodb/table:Table").inputs
    assert (table["readCapacity"], table["writeCapacity"]) == (10, 10)
    assert {index["readCapacity"] for index in table["globalSecondaryIndexes"]} == {5}
