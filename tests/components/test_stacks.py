"""All four stacks, evaluated whole: what each declares, with nothing missing and no open secret."""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from components.settings import ENVIRONMENTS
from declared.program import Program
from declared.resources import DeclaredResource
from handlers.contract.functions import FUNCTIONS
from handlers.contract.routes import ROUTES

Evaluate = Callable[[str], Program]
EXPORTS = {
    "stateMachineArn",
    "tableName",
    "tableArn",
    "apiUrl",
    "userPoolId",
    "userPoolClientIds",
    "alertsTopicArn",
    "notificationsTopicArn",
    "keyArn",
    "keyAlias",
    "functionArns",
    "logGroupNames",
    "dashboardUrl",
    "environment",
    "region",
    "exportsVersion",
}
THROWAWAY = ("hunter2", "a-throwaway-jwt-secret-of-some-length", "throwaway-webhook")
every_stack = pytest.mark.parametrize("stack", ENVIRONMENTS)


def of_type(program: Program, kind: str) -> list[DeclaredResource]:
    """The resources whose type token ends with this, such as `Table`."""
    return [r for r in program.resources if r.type.rpartition(":")[2] == kind]


def one(program: Program, kind: str) -> DeclaredResource:
    """The only resource of its kind."""
    (resource,) = of_type(program, kind)
    return resource


def waits_for(program: Program, waiting: DeclaredResource, awaited: DeclaredResource) -> bool:
    """Whether one is created after the other because it depends on it, directly or not."""
    by_urn = {r.urn: r for r in program.resources}
    pending, seen = [waiting.urn], set[str]()
    while pending:
        urn = pending.pop()
        if urn not in seen:
            seen.add(urn)
            pending += by_urn[urn].dependencies & set(by_urn)
    return awaited.urn in seen


@every_stack
def test_the_exports_are_the_designs_strings_and_maps_of_strings(
    stack: str, deployed: Evaluate
) -> None:
    exports = deployed(stack).exports
    assert set(exports) == EXPORTS
    assert exports["environment"] == stack
    assert exports["exportsVersion"] == "1"
    assert exports["stateMachineArn"].endswith(f":stateMachine:TaskGenerationWorkflow-{stack}:live")
    assert set(exports["functionArns"]) == {spec.name for spec in FUNCTIONS}
    value: Any
    for value in exports.values():
        texts: list[Any] = [*value.values()] if isinstance(value, dict) else [value]
        assert texts
        assert all(isinstance(text, str) and text for text in texts)


@every_stack
def test_every_policy_document_is_known_in_a_preview(stack: str, previewed: Evaluate) -> None:
    program = previewed(stack)
    documents = [
        (resource, name)
        for resource in program.resources
        for name in ("policy", "assumeRolePolicy", "eventPattern", "definition")
        if name in resource.inputs
    ]
    assert len(documents) > 2 * len(FUNCTIONS)
    for resource, name in documents:
        value = resource.inputs[name]
        assert isinstance(value, str), f"{resource.name}.{name} is not known"
        assert json.loads(value)


@every_stack
def test_a_preview_leaves_unknown_what_aws_generates(stack: str, previewed: Evaluate) -> None:
    table = one(previewed(stack), "Table")
    assert isinstance(table.inputs["serverSideEncryption"]["kmsKeyArn"], Unknown)


@every_stack
def test_a_secret_is_only_where_it_is_marked_as_one(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    marked = [r for r in program.resources if r.secret_inputs]
    assert {r.type.rpartition(":")[2] for r in marked} == {"SecretVersion"}
    assert len(marked) == len(THROWAWAY)
    for resource in program.resources:
        open_inputs = {k: v for k, v in resource.inputs.items() if k not in resource.secret_inputs}
        assert not [secret for secret in THROWAWAY if secret in repr(open_inputs)]
    assert not [secret for secret in THROWAWAY if secret in repr(program.exports)]


@every_stack
def test_every_function_has_its_own_role_log_group_version_and_alias(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    functions = of_type(program, "Function")
    assert len(functions) == len(FUNCTIONS)
    assert len({f.inputs["role"] for f in functions}) == len(FUNCTIONS)
    logs = {r.inputs["name"]: r for r in of_type(program, "LogGroup")}
    aliases = {
        r.inputs["functionName"]: r for r in of_type(program, "Alias") if "functionName" in r.inputs
    }
    for function in functions:
        name = function.inputs["name"]
        assert function.inputs["publish"] is True
        assert function.inputs["runtime"] == "python3.13"
        assert function.inputs["architectures"] == ["arm64"]
        assert function.inputs["tracingConfig"] == {"mode": "Active"}
        assert isinstance(function.inputs["code"], pulumi.FileArchive)
        assert aliases[name].inputs["name"] == "live"
        assert waits_for(program, function, logs[f"/aws/lambda/{name}"])


@every_stack
def test_everything_at_rest_is_encrypted_with_our_key(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    key = program.exports["keyArn"]
    by_kind = {
        "LogGroup": "kmsKeyId",
        "Topic": "kmsMasterKeyId",
        "Queue": "kmsMasterKeyId",
        "Secret": "kmsKeyId",
        "Function": "kmsKeyArn",
    }
    for kind, name in by_kind.items():
        assert of_type(program, kind)
        assert {r.inputs[name] for r in of_type(program, kind)} == {key}
    table = one(program, "Table").inputs
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": key}
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["ttl"] == {"attributeName": "ttl", "enabled": True}
    assert one(program, "Key").inputs["enableKeyRotation"] is True


@every_stack
def test_the_keys_policy_lets_logs_write_every_log_group_and_names_no_role(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    policy = json.loads(one(program, "Key").inputs["policy"])
    statements = {s["Sid"]: s for s in policy["Statement"]}
    arns = statements["Logs"]["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    groups = {r.inputs["name"] for r in of_type(program, "LogGroup")}
    assert {arn.split(":log-group:")[1] for arn in arns} == groups
    assert ":role/" not in json.dumps(policy)
    for sid in ("Logs", "Alarms", "Topics"):
        assert statements[sid]["Condition"]
    assert "Condition" not in statements["Events"]  # EventBridge sends KMS no source


@every_stack
def test_computed_names_are_the_ones_that_are_declared(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    declared = {r.inputs["name"] for r in program.resources if "name" in r.inputs}
    machine = one(program, "StateMachine")
    assert one(program, "Table").inputs["name"] in machine.inputs["definition"]
    for arn in program.exports["functionArns"].values():
        assert arn.split(":")[6] in declared
    assert set(program.exports["logGroupNames"].values()) <= declared


@every_stack
def test_a_resource_depends_on_those_that_it_names_by_computed_strings(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    machine = one(program, "StateMachine")
    policies = {r.inputs["role"]: r for r in of_type(program, "RolePolicy")}
    for function in of_type(program, "Function"):
        role = function.inputs["role"].rpartition("/")[2]
        assert waits_for(program, function, policies[role])
        assert waits_for(program, function, one(program, "Table"))
    assert waits_for(program, machine, policies[machine.inputs["roleArn"].rpartition("/")[2]])
    for alias in of_type(program, "Alias"):
        if "functionName" in alias.inputs or "targetKeyId" in alias.inputs:
            assert waits_for(program, machine, alias)
    for kind in ("Table", "LogGroup"):
        assert any(waits_for(program, machine, r) for r in of_type(program, kind))
    machine_alias = next(
        r for r in of_type(program, "Alias") if "routingConfigurations" in r.inputs
    )
    for route in of_type(program, "Route"):
        assert waits_for(program, route, machine_alias)


@every_stack
def test_functions_get_settings_and_no_secret_in_a_small_environment(
    stack: str, deployed: Evaluate
) -> None:
    for function in of_type(deployed(stack), "Function"):
        variables = function.inputs["environment"]["variables"]
        assert variables["ENVIRONMENT"] == stack
        assert sum(len(k) + len(v) for k, v in variables.items()) < 4096
        name = function.inputs["name"].removeprefix(f"goal-mandala-{stack}-")
        without = ("slack-notifier", "task-generation", "workflow-archive", "workflow-status")
        uses_database = name not in without
        assert ("DATABASE_URL_SECRET_ARN" in variables) == uses_database
        assert ("JWT_SECRET_ARN" in variables) == (name == "workflow-status")
        assert ("SLACK_WEBHOOK_SECRET_ARN" in variables) == (name == "slack-notifier")


@every_stack
def test_a_sweep_looks_for_lost_endings_and_undeliverable_events_are_kept(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    rules = {r.inputs["name"].rpartition("-")[2]: r.inputs for r in of_type(program, "EventRule")}
    assert rules["sweep"]["scheduleExpression"] == "rate(5 minutes)"
    pattern = json.loads(rules["ended"]["eventPattern"])
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert pattern["detail"]["stateMachineArn"] == [
        program.exports["stateMachineArn"].removesuffix(":live")
    ]
    assert rules["archive"]["scheduleExpression"] == "rate(6 hours)"
    targets = of_type(program, "EventTarget")
    assert {r.inputs["targetId"] for r in targets} == {"workflow-archive", "workflow-reconcile"}
    for target in targets:
        function = target.inputs["targetId"]
        assert target.inputs["arn"] == program.exports["functionArns"][function]
        letters = f"-{function.removeprefix('workflow-')}-dead-letters"
        assert target.inputs["deadLetterConfig"]["arn"].endswith(letters)
        assert target.inputs["retryPolicy"]["maximumRetryAttempts"] > 0
        [invoked] = [
            r.inputs
            for r in of_type(program, "FunctionEventInvokeConfig")
            if r.inputs["functionName"].endswith(function)
        ]
        assert invoked["qualifier"] == "live"
        assert invoked["destinationConfig"]["onFailure"]["destination"].endswith(letters)


@every_stack
def test_the_archive_is_private_encrypted_versioned_and_kept(
    stack: str, deployed: Evaluate
) -> None:
    program = deployed(stack)
    bucket = one(program, "Bucket")
    name = f"goal-mandala-{stack}-archive-123456789012-ap-northeast-1"
    assert bucket.inputs == {"bucket": name}
    assert (bucket.protect, bucket.retain_on_delete) == ((stack == "prod"),) * 2
    block = one(program, "BucketPublicAccessBlock").inputs
    assert [value for value in block.values() if value != name] == [True] * 4
    [rule] = one(program, "BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == program.exports["keyArn"]
    [lifecycle] = one(program, "BucketLifecycleConfiguration").inputs["rules"]
    assert lifecycle["expiration"]["days"] == 1095
    function = next(r for r in of_type(program, "Function") if r.inputs["name"].endswith("archive"))
    for configuration in of_type(program, "BucketPolicy") + of_type(program, "BucketVersioning"):
        assert waits_for(program, function, configuration)


@every_stack
def test_every_permission_is_for_the_alias_and_one_source(stack: str, deployed: Evaluate) -> None:
    permissions = of_type(deployed(stack), "Permission")
    assert len(permissions) == 3 + len(ROUTES)
    for permission in permissions:
        assert permission.inputs["qualifier"] == "live"
        assert permission.inputs["sourceArn"].startswith("arn:aws:")


@every_stack
def test_every_route_but_health_requires_a_token(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    routes = {r.inputs["routeKey"]: r.inputs for r in of_type(program, "Route")}
    assert set(routes) == {route.key for route in ROUTES}
    open_routes = {key for key, route in routes.items() if route["authorizationType"] != "JWT"}
    assert open_routes == {"GET /health"}
    issuer = one(program, "Authorizer").inputs["jwtConfiguration"]["issuer"]
    assert issuer == (
        f"https://cognito-idp.ap-northeast-1.amazonaws.com/{program.exports['userPoolId']}"
    )


@every_stack
def test_topics_accept_messages_over_tls_only(stack: str, deployed: Evaluate) -> None:
    policies = of_type(deployed(stack), "TopicPolicy")
    assert len(policies) == 2
    for policy in policies:
        deny = json.loads(policy.inputs["policy"])["Statement"][0]
        assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@every_stack
def test_every_resource_belongs_to_a_component(stack: str, deployed: Evaluate) -> None:
    program = deployed(stack)
    for resource in program.resources:
        assert "::goalmandala:workflow:" in resource.urn
    assert all(c.type.startswith("goalmandala:workflow:") for c in program.components)


def test_only_prod_is_protected_and_has_provisioned_concurrency(deployed: Evaluate) -> None:
    prod = deployed("prod")
    for kind in ("Table", "Key", "UserPool"):
        assert one(prod, kind).protect
        assert one(prod, kind).retain_on_delete
    assert one(prod, "Table").inputs["deletionProtectionEnabled"] is True
    assert all(r.retain_on_delete for r in of_type(prod, "LogGroup"))
    warm = one(prod, "ProvisionedConcurrencyConfig").inputs
    assert warm["provisionedConcurrentExecutions"] == 5
    assert warm["functionName"] == "goal-mandala-prod-task-generation"
    for stack in ("local", "dev", "staging"):
        program = deployed(stack)
        assert not any(r.protect or r.retain_on_delete for r in program.resources)
        assert not of_type(program, "ProvisionedConcurrencyConfig")


def test_executions_of_the_alias_and_of_its_versions_may_assume_the_machines_role(
    deployed: Evaluate,
) -> None:
    program = deployed("prod")
    machine = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:TaskGenerationWorkflow-prod"
    role = next(each for each in of_type(program, "Role") if "state-machine" in each.inputs["name"])
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    patterns = statement["Condition"]["ArnLike"]["aws:SourceArn"]
    for arn in (machine, f"{machine}:3", program.exports["stateMachineArn"]):
        assert any(fnmatchcase(arn, pattern) for pattern in patterns)
    assert not any(fnmatchcase(f"{machine}2", pattern) for pattern in patterns)


def test_a_rotated_secret_can_be_deployed_to_prod(deployed: Evaluate) -> None:
    # A new value replaces the version, and Pulumi refuses to replace what is protected.
    assert all(each.protect for each in of_type(deployed("prod"), "Secret"))
    assert not any(each.protect for each in of_type(deployed("prod"), "SecretVersion"))


def test_logs_are_kept_longer_the_nearer_to_production(deployed: Evaluate) -> None:
    days: list[Any] = [
        {r.inputs["retentionInDays"] for r in of_type(deployed(stack), "LogGroup")}
        for stack in ENVIRONMENTS
    ]
    assert days == [{1}, {14}, {30}, {365}]
