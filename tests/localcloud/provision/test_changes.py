"""A changed declaration changes the resource in place."""

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pulumi import FileArchive

from declared.resources import DeclaredResource
from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.provision.deployment import ProvisionError
from localcloud.provision.provisioner import Clients
from tests.localcloud.provision.conftest import Declares

READ = {"Action": "dynamodb:GetItem", "Resource": "*"}
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trust(service: str) -> str:
    return document(Action="sts:AssumeRole", Principal={"Service": f"{service}.amazonaws.com"})


@pytest.fixture
def name() -> str:
    return f"changing-{uuid4().hex[:8]}"


def package(folder: Path, answer: str) -> FileArchive:
    path = folder / f"{answer}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("handlers/__init__.py", "")
        archive.writestr(
            "handlers/say.py", f"def handler(event, context):\n    return '{answer}'\n"
        )
    return FileArchive(str(path))


@pytest.mark.parametrize(
    ("type_", "declared", "changed"),
    [
        (
            "aws:kms/key:Key",
            {"description": "a", "policy": document(Action="kms:*", Resource="*", Principal=ROOT)},
            {"description": "b", "enableKeyRotation": True},
        ),
        (
            "aws:iam/role:Role",
            {"name": "changing-role", "assumeRolePolicy": trust("lambda"), "description": "a"},
            {"assumeRolePolicy": trust("states"), "description": "b"},
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": "changing-group", "retentionInDays": 1},
            {"retentionInDays": 30},
        ),
        (
            "aws:sqs/queue:Queue",
            {"name": "changing-queue", "visibilityTimeoutSeconds": 30},
            {"visibilityTimeoutSeconds": 60, "messageRetentionSeconds": 600},
        ),
        (
            "aws:sns/topic:Topic",
            {"name": "changing-topic", "displayName": "a", "kmsMasterKeyId": "alias/a"},
            {"displayName": "b", "kmsMasterKeyId": None},
        ),
        (
            "aws:secretsmanager/secret:Secret",
            {"name": "changing-secret", "description": "a", "recoveryWindowInDays": 0},
            {"description": "b"},
        ),
        (
            "aws:cloudwatch/eventRule:EventRule",
            {"name": "changing-rule", "scheduleExpression": "rate(5 minutes)"},
            {"scheduleExpression": "rate(10 minutes)", "state": "DISABLED"},
        ),
        (
            "aws:cognito/userPool:UserPool",
            {"name": "changing-pool", "deletionProtection": "INACTIVE"},
            {"passwordPolicy": {"minimumLength": 12, "requireSymbols": False}},
        ),
    ],
    ids=lambda value: value.rpartition(":")[2] if isinstance(value, str) else "",
)
def test_a_resource_is_changed_in_place(
    declare: Declares, type_: str, declared: dict[str, Any], changed: dict[str, Any]
) -> None:
    # `change` raises if the service does not hold the new declaration
    declare(type_, **declared)
    now = declare.change(**changed)
    assert {key: now.get(key) or None for key in changed} == changed


def test_a_table_changes_its_capacity_its_ttl_and_the_capacity_of_its_index(
    declare: Declares, name: str
) -> None:
    index = {
        "name": "i-index",
        "keySchemas": [{"attributeName": "i", "keyType": "HASH"}],
        "projectionType": "ALL",
    }
    capacity = {"readCapacity": 10, "writeCapacity": 5}
    declare(
        "aws:dynamodb/table:Table",
        name=name,
        billingMode="PROVISIONED",
        hashKey="pk",
        attributes=[{"name": "pk", "type": "S"}, {"name": "i", "type": "S"}],
        globalSecondaryIndexes=[{**index, **capacity}],
        **capacity,
    )
    more = {"readCapacity": 20, "writeCapacity": 5}
    declare.change(
        globalSecondaryIndexes=[{**index, **more}],
        ttl={"attributeName": "ttl", "enabled": True},
        **more,
    )
    declare.change(
        billingMode="PAY_PER_REQUEST",
        globalSecondaryIndexes=[index],
        readCapacity=None,
        writeCapacity=None,
    )


def test_a_change_cannot_add_an_index_to_a_table(declare: Declares, name: str) -> None:
    table = {"hashKey": "pk", "attributes": [{"name": "pk", "type": "S"}]}
    declare("aws:dynamodb/table:Table", name=name, billingMode="PAY_PER_REQUEST", **table)
    with pytest.raises(ProvisionError, match=f"{name}.*change in their throughput only"):
        declare.deployment.update(
            DeclaredResource(
                "aws:dynamodb/table:Table",
                name,
                "urn",
                "",
                {**table, "name": name, "globalSecondaryIndexes": [{"name": "i"}]},
            ),
            name,
            {**table, "name": name},
        )


def test_a_changed_function_gets_a_new_version_and_its_alias_can_move(
    declare: Declares, clients: Clients, name: str, tmp_path: Path
) -> None:
    role = f"{name}-role"
    declare("aws:iam/role:Role", name=role, assumeRolePolicy=trust("lambda"))
    function: dict[str, Any] = {
        "role": f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "handlers.say.handler",
        "code": package(tmp_path, "before"),
        "timeout": 20,
        "publish": True,
    }
    declare("aws:lambda/function:Function", name=name, reservedConcurrentExecutions=2, **function)
    changed = declare.change(
        code=package(tmp_path, "after"), timeout=30, reservedConcurrentExecutions=None
    )
    assert changed["version"] == "2"
    # a version holds code and configuration; what is reserved belongs to the function
    assert declare.change(reservedConcurrentExecutions=1)["version"] == "2"
    declare.change(reservedConcurrentExecutions=None)
    _, alias = declare(
        "aws:lambda/alias:Alias", name="live", functionName=name, functionVersion="1"
    )
    answers: list[str] = []
    for version in ("1", "2"):
        declare.change(functionVersion=version)
        answer = clients("lambda").invoke(FunctionName=alias["arn"])
        answers.append(json.load(answer["Payload"]))
    assert answers == ["before", "after"]
    declare(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        functionName=name,
        qualifier="live",
        maximumRetryAttempts=2,
    )
    declare.change(maximumRetryAttempts=0)


def test_a_changed_machine_gets_a_new_version_and_its_alias_can_move(
    declare: Declares, name: str
) -> None:
    role = f"{name}-role"
    declare("aws:iam/role:Role", name=role, assumeRolePolicy=trust("states"))
    states = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    arn, _ = declare(
        "aws:sfn/stateMachine:StateMachine",
        name=name,
        roleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
        type="STANDARD",
        definition=json.dumps(states),
        publish=True,
    )
    changed = declare.change(definition=json.dumps({**states, "TimeoutSeconds": 60}))
    assert changed["stateMachineVersionArn"] == f"{arn}:2"
    routes = [[{"stateMachineVersionArn": f"{arn}:{version}", "weight": 100}] for version in (1, 2)]
    declare("aws:sfn/alias:Alias", name="live", routingConfigurations=routes[0])
    declare.change(routingConfigurations=routes[1], description="moved")


def test_an_api_and_its_parts_are_changed_in_place(declare: Declares, name: str) -> None:
    api, _ = declare("aws:apigatewayv2/api:Api", name=name, protocolType="HTTP")
    declare.change(corsConfiguration={"allowOrigins": ["https://goals.example"]})
    jwt = {"audiences": ["web"], "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/x"}
    declare(
        "aws:apigatewayv2/authorizer:Authorizer",
        name="a",
        apiId=api,
        authorizerType="JWT",
        identitySources=["$request.header.Authorization"],
        jwtConfiguration=jwt,
    )
    declare.change(jwtConfiguration={**jwt, "audiences": ["web", "app"]})
    integration, _ = declare(
        "aws:apigatewayv2/integration:Integration",
        apiId=api,
        integrationType="AWS_PROXY",
        integrationUri=f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:none",
        payloadFormatVersion="2.0",
    )
    declare.change(timeoutMilliseconds=20_000)
    declare("aws:apigatewayv2/route:Route", apiId=api, routeKey="GET /a")
    declare.change(target=f"integrations/{integration}", routeKey="GET /b")
    declare("aws:apigatewayv2/stage:Stage", name="$default", apiId=api, autoDeploy=True)
    declare.change(defaultRouteSettings={"throttlingRateLimit": 5.0, "throttlingBurstLimit": 9.0})


def test_policies_clients_groups_and_aliases_are_changed_in_place(
    declare: Declares, clients: Clients, name: str
) -> None:
    declare("aws:iam/role:Role", name=name, assumeRolePolicy=trust("lambda"))
    declare("aws:iam/rolePolicy:RolePolicy", name="p", role=name, policy=document(**READ))
    declare.change(policy=document(Action="sqs:SendMessage", Resource="*"))
    url, queue = declare("aws:sqs/queue:Queue", name=name)
    declare(
        "aws:sqs/queuePolicy:QueuePolicy", queueUrl=url, policy=document(**READ, Principal=ROOT)
    )
    declare.change(policy=document(Action="sqs:SendMessage", Resource=queue["arn"], Principal=ROOT))
    topic, _ = declare("aws:sns/topic:Topic", name=name)
    declare("aws:sns/topicPolicy:TopicPolicy", arn=topic, policy=document(**READ, Principal=ROOT))
    declare.change(policy=document(Action="sns:Publish", Resource=topic, Principal=ROOT))
    declare(
        "aws:sns/topicSubscription:TopicSubscription",
        topic=topic,
        protocol="sqs",
        endpoint=queue["arn"],
    )
    declare.change(rawMessageDelivery=True, filterPolicy='{"status": ["FAILED"]}')
    declare("aws:cloudwatch/eventRule:EventRule", name=name, scheduleExpression="rate(1 day)")
    declare("aws:cloudwatch/eventTarget:EventTarget", rule=name, targetId="t", arn=queue["arn"])
    declare.change(retryPolicy={"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60})
    pool, _ = declare("aws:cognito/userPool:UserPool", name=name, deletionProtection="INACTIVE")
    declare("aws:cognito/userPoolClient:UserPoolClient", name="web", userPoolId=pool)
    declare.change(explicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"], enableTokenRevocation=True)
    declare("aws:cognito/userGroup:UserGroup", name="admin", userPoolId=pool, description="a")
    members = {"UserPoolId": pool, "GroupName": "admin"}
    clients("cognito-idp").admin_create_user(UserPoolId=pool, Username="mia")
    clients("cognito-idp").admin_add_user_to_group(Username="mia", **members)
    declare.change(description="b")
    users = clients("cognito-idp").list_users_in_group(**members)["Users"]
    assert [user["Username"] for user in users] == ["mia"]
    keys = [declare("aws:kms/key:Key", description=text)[0] for text in "ab"]
    declare("aws:kms/alias:Alias", name=f"alias/{name}", targetKeyId=keys[0])
    declare.change(targetKeyId=keys[1])


def test_a_type_without_update_can_only_be_replaced(declare: Declares) -> None:
    secret = "aws:secretsmanager/secret:Secret"
    arn, _ = declare(secret, name="changing-value", recoveryWindowInDays=0)
    declare("aws:secretsmanager/secretVersion:SecretVersion", secretId=arn, secretString="a")
    with pytest.raises(ProvisionError, match="can only be replaced"):
        declare.change(secretString="b")


def test_deleting_a_resource_that_is_gone_is_no_error(
    declare: Declares, clients: Clients, name: str
) -> None:
    declare("aws:sns/topic:Topic", name=f"{name}-topic")
    declare("aws:cloudwatch/logGroup:LogGroup", name=name)
    clients("logs").delete_log_group(logGroupName=name)
    assert declare.delete_all() == []


TAGGED: list[tuple[str, dict[str, Any]]] = [
    ("aws:apigatewayv2/api:Api", {"protocolType": "HTTP"}),
    ("aws:cloudwatch/eventRule:EventRule", {"scheduleExpression": "rate(1 day)"}),
    ("aws:cloudwatch/logGroup:LogGroup", {}),
    ("aws:cognito/userPool:UserPool", {"deletionProtection": "INACTIVE"}),
    (
        "aws:dynamodb/table:Table",
        {
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "pk",
            "attributes": [{"name": "pk", "type": "S"}],
        },
    ),
    ("aws:iam/role:Role", {"assumeRolePolicy": trust("lambda")}),
    ("aws:kms/key:Key", {"name": None}),
    ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 0}),
    ("aws:sns/topic:Topic", {}),
    ("aws:sqs/queue:Queue", {}),
]


@pytest.mark.parametrize(("type_", "declared"), TAGGED)
def test_tags_are_added_changed_and_removed(
    declare: Declares, name: str, type_: str, declared: dict[str, Any]
) -> None:
    given = {key: value for key, value in {"name": name, **declared}.items() if value is not None}
    declare(type_, **given, tags={"Team": "one", "Old": "1"})
    declare.change(tags={"Team": "two", "New": "1"})
    held = declare.held()
    assert held["tags"] == {"Team": "two", "New": "1"}


def test_a_roles_boundary_is_held_changed_and_taken_off(
    clients: Clients, declare: Declares, name: str
) -> None:
    iam = clients("iam")
    limits = [
        iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=document(**READ))["Policy"]
        for number in range(2)
    ]
    first, second = (each["Arn"] for each in limits)
    role = {"name": name, "assumeRolePolicy": trust("lambda"), "permissionsBoundary": first}
    declare("aws:iam/role:Role", **role)
    assert declare.held()["permissionsBoundary"] == first
    declare.change(permissionsBoundary=second)
    assert declare.held()["permissionsBoundary"] == second
    declare.change(permissionsBoundary=None)
    assert declare.held()["permissionsBoundary"] is None
