"""What a role may do: named actions on computed ARNs, `*` only where there is nothing to name."""

import json
from typing import Any

import pytest

from components.arns import Arn
from components.iam import grants
from components.iam.documents import document
from components.iam.function_policies import function_policy, uses_database
from components.iam.state_machine_policy import state_machine_policy
from components.monitoring.monitoring import Monitoring
from components.names import Names
from components.settings import Settings, parse
from components.settings.sections import VPC_ENDPOINTS
from handlers.contract.functions import (
    FUNCTIONS,
    TASK_GENERATION,
    WORKFLOW_CANCEL,
    WORKFLOW_PREPARE,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from policies.authorization_reference import has_resource_level

MAX_INLINE_POLICY_CHARACTERS = 10_240


@pytest.fixture
def everything(configured: dict[str, str]) -> Settings:
    """Settings that need the most permissions."""
    vpc = {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    return parse({**configured, "vpc": json.dumps(vpc)}, {})


@pytest.fixture
def roles(names: Names, everything: Settings) -> dict[str, list[dict[str, Any]]]:
    """Every role's statements by its owner."""
    alarms = Monitoring(names, everything).children
    functions = {spec.name: function_policy(spec, names, everything, alarms) for spec in FUNCTIONS}
    return {**functions, "state-machine": state_machine_policy(names)}


def test_no_role_is_allowed_an_action_by_wildcard(roles: dict[str, list[dict[str, Any]]]) -> None:
    for statements in roles.values():
        for statement in statements:
            assert not [action for action in statement["Action"] if "*" in action]


def test_the_resource_of_an_action_is_a_star_only_where_it_has_no_resource_level(
    roles: dict[str, list[dict[str, Any]]],
) -> None:
    for statements in roles.values():
        for statement in statements:
            if "*" in statement["Resource"]:
                assert not [a for a in statement["Action"] if has_resource_level(a)]


def test_no_function_may_create_a_log_group(roles: dict[str, list[dict[str, Any]]]) -> None:
    assert "CreateLogGroup" not in json.dumps(roles)


def test_a_key_is_granted_only_under_our_alias_and_through_a_service(
    roles: dict[str, list[dict[str, Any]]],
) -> None:
    for statements in roles.values():
        of_keys = [s for s in statements if s["Action"][0].startswith("kms:")]
        assert of_keys
        for statement in of_keys:
            alias = {"kms:ResourceAliases": "alias/goal-mandala-dev-workflow"}
            assert statement["Condition"]["ForAnyValue:StringEquals"] == alias
            assert list(statement["Condition"]["StringEquals"]) == ["kms:ViaService"]


def test_every_role_fits_into_iams_limit(roles: dict[str, list[dict[str, Any]]]) -> None:
    for statements in roles.values():
        assert len(document(statements)) <= MAX_INLINE_POLICY_CHARACTERS


def test_only_task_generation_reaches_the_model_and_it_reaches_no_database(
    roles: dict[str, list[dict[str, Any]]],
) -> None:
    invoking = {name for name, role in roles.items() if "bedrock:InvokeModel" in json.dumps(role)}
    assert invoking == {"task-generation"}
    reading_secrets = {
        name for name, role in roles.items() if "secretsmanager:GetSecretValue" in json.dumps(role)
    }
    in_vpc = {name for name, role in roles.items() if "ec2:" in json.dumps(role)}
    database = {spec.name for spec in FUNCTIONS if spec.dependencies == "database"}
    assert in_vpc == database
    # the key of its cursors, the webhook
    assert reading_secrets == database | {"workflow-status", "slack-notifier"}
    assert "task-generation" not in database


@pytest.mark.parametrize(
    ("spec", "actions"),
    [
        (WORKFLOW_START, ["GetItem", "PutItem", "Query", "UpdateItem"]),
        (WORKFLOW_CANCEL, ["GetItem", "Query", "UpdateItem"]),
        (WORKFLOW_PREPARE, ["PutItem", "UpdateItem"]),
        (TASK_GENERATION, ["PutItem", "Query", "UpdateItem"]),
    ],
)
def test_a_function_may_do_with_the_table_what_its_code_does(
    spec: FunctionSpec, actions: list[str], names: Names, settings: Settings
) -> None:
    allowed = [
        (action, statement["Resource"])
        for statement in function_policy(spec, names, settings, [])
        for action in statement["Action"]
        if action.startswith("dynamodb:")
    ]
    assert allowed == [(f"dynamodb:{action}", [names.table_arn]) for action in actions]


def test_workflow_status_may_read_the_table_and_its_indexes_and_no_more(
    names: Names, settings: Settings
) -> None:
    allowed = {
        (action, resource)
        for statement in function_policy(WORKFLOW_STATUS, names, settings, [])
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("dynamodb:")
    }
    indexes = {
        ("dynamodb:Query", f"{names.table_arn}/index/{index}")
        for index in ("goalId-index", "userId-index", "month-index")
    }
    assert allowed == indexes | {("dynamodb:Query", names.table_arn)}


def test_only_a_cancel_may_stop_executions(
    roles: dict[str, list[dict[str, Any]]], names: Names
) -> None:
    stopping = {
        (owner, *statement["Resource"])
        for owner, role in roles.items()
        for statement in role
        if "states:StopExecution" in statement["Action"]
    }
    assert stopping == {("workflow-cancel", names.execution_arns)}


def test_executions_are_started_on_the_machine_and_described_by_their_own_arns(
    names: Names, settings: Settings
) -> None:
    statements = function_policy(WORKFLOW_START, names, settings, [])
    on = {s["Action"][0]: s["Resource"] for s in statements if s["Action"][0].startswith("states:")}
    assert on == {
        "states:StartExecution": [names.state_machine_arn],
        "states:DescribeExecution": [names.execution_arns],
    }


def test_an_inference_profile_is_granted_with_the_model_in_each_region_behind_it(
    names: Names,
) -> None:
    statement = grants.invoke_model(names, "apac.amazon.nova-micro-v1:0")
    profile, *models = statement["Resource"]
    assert profile == (
        "arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/apac.amazon.nova-micro-v1:0"
    )
    assert len(models) == 6
    assert "arn:aws:bedrock:ap-northeast-3::foundation-model/amazon.nova-micro-v1:0" in models


def test_a_model_id_is_granted_in_the_stacks_region(names: Names) -> None:
    assert grants.invoke_model(names, "amazon.nova-micro-v1:0")["Resource"] == [
        "arn:aws:bedrock:ap-northeast-1::foundation-model/amazon.nova-micro-v1:0"
    ]


def test_the_endpoints_of_a_vpc_are_the_services_that_its_functions_call(
    configured: dict[str, str], names: Names
) -> None:
    vpc = {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    settings = parse({**configured, "vpc": json.dumps(vpc)}, {})
    # Lambda itself, outside the VPC, makes these calls with the function's role.
    by_lambda = {"ec2", "kms", "logs", "sqs", "xray"}
    called = {
        action.partition(":")[0]
        for spec in FUNCTIONS
        if uses_database(spec)
        for statement in function_policy(spec, names, settings, [])
        for action in statement["Action"]
    }
    assert called - by_lambda == set(VPC_ENDPOINTS)


def test_a_profile_of_japan_is_granted_with_both_regions(names: Names) -> None:
    assert grants.invoke_model(names, "jp.amazon.nova-2-lite-v1:0")["Resource"] == [
        "arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/jp.amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:ap-northeast-1::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:ap-northeast-3::foundation-model/amazon.nova-2-lite-v1:0",
    ]


def test_a_global_profile_is_granted_with_the_model_here_and_without_a_region(
    names: Names,
) -> None:
    profile = "global.amazon.nova-2-lite-v1:0"
    assert grants.invoke_model(names, profile)["Resource"] == [
        f"arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/{profile}",
        "arn:aws:bedrock:ap-northeast-1::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:::foundation-model/amazon.nova-2-lite-v1:0",
    ]


def test_an_application_profile_is_granted_with_the_models_behind_its_source(
    names: Names,
) -> None:
    profile = names.arn(Arn.APPLICATION_PROFILE, "a1b2c3d4e5f6")
    models = [
        "arn:aws:bedrock:ap-northeast-1::foundation-model/amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:ap-northeast-3::foundation-model/amazon.nova-2-lite-v1:0",
    ]
    granted = grants.invoke_model(names, profile, "jp.amazon.nova-2-lite-v1:0")
    assert granted["Resource"] == [profile, *models]
    granted = grants.invoke_model(names, profile, "amazon.nova-2-lite-v1:0")
    assert granted["Resource"] == [profile, models[0]]


def test_the_state_machine_may_invoke_the_aliases_only(names: Names) -> None:
    invoke = next(
        s for s in state_machine_policy(names) if s["Action"] == ["lambda:InvokeFunction"]
    )
    assert all(arn.endswith(":live") for arn in invoke["Resource"])
    assert names.function_alias_arn(WORKFLOW_START) not in invoke["Resource"]
