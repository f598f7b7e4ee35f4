"""Every type in the table, created and read back on the emulator."""

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pulumi import FileArchive

from localcloud.aws.clients import ACCOUNT_ID, REGION
from localcloud.provision.provisioner import Clients
from localcloud.provision.table import PROVISIONERS
from tests.localcloud.provision.conftest import Declares

TAGS = {"Team_Name": "goals"}


def unique(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:8]}"


def document(action: str = "kms:*", resource: str = "*", **principal: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if principal:
        statement |= {"Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(declare: Declares, service: str) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": f"{service}.amazonaws.com"},
            }
        ],
    }
    _, outputs = declare(
        "aws:iam/role:Role", name=unique(service), assumeRolePolicy=json.dumps(trust), tags=TAGS
    )
    return outputs["arn"]


@pytest.fixture
def key_arn(declare: Declares) -> str:
    _, key = declare(
        "aws:kms/key:Key",
        description="a key",
        enableKeyRotation=True,
        rotationPeriodInDays=100,
        deletionWindowInDays=7,
        policy=document(AWS=f"arn:aws:iam::{ACCOUNT_ID}:root"),
        tags=TAGS,
    )
    return key["arn"]


@pytest.fixture
def function(declare: Declares, key_arn: str, tmp_path: Path) -> dict[str, Any]:
    package = tmp_path / "core.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("handlers/__init__.py", "")
        archive.writestr("handlers/echo.py", "def handler(event, context):\n    return event\n")
        archive.writestr("numpy/not_for_this_machine.so", "ELF")
    _, outputs = declare(
        "aws:lambda/function:Function",
        name=unique("function"),
        role=role(declare, "lambda"),
        runtime="python3.13",
        architectures=["arm64"],
        handler="handlers.echo.handler",
        code=FileArchive(str(package)),
        timeout=20.0,
        memorySize=256.0,
        reservedConcurrentExecutions=3,
        environment={"variables": {"TABLE_NAME": "none"}},
        kmsKeyArn=key_arn,
        tracingConfig={"mode": "Active"},
        publish=True,
        tags=TAGS,
    )
    return outputs


@pytest.fixture
def alias(declare: Declares, function: dict[str, Any]) -> dict[str, Any]:
    name, version = function["name"], function["version"]
    _, outputs = declare(
        "aws:lambda/alias:Alias", name="live", functionName=name, functionVersion=version
    )
    return outputs


def test_a_key_and_its_alias_are_created_and_read_back(declare: Declares, key_arn: str) -> None:
    name = f"alias/{unique('key')}"
    alias_id, alias = declare(
        "aws:kms/alias:Alias", name=name, targetKeyId=key_arn.rpartition("/")[2]
    )
    assert alias_id == name
    assert alias["arn"] == f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:{name}"
    assert alias["targetKeyArn"] == key_arn


def test_a_role_and_its_policy_are_created_and_read_back(declare: Declares) -> None:
    role_name = role(declare, "lambda").rpartition("/")[2]
    policy_id, _ = declare(
        "aws:iam/rolePolicy:RolePolicy",
        name="permissions",
        role=role_name,
        policy=document("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/x"),
    )
    assert policy_id == f"{role_name}:permissions"


def test_a_log_group_is_created_and_read_back(declare: Declares, key_arn: str) -> None:
    name = f"/aws/lambda/{unique('group')}"
    _, group = declare(
        "aws:cloudwatch/logGroup:LogGroup",
        name=name,
        kmsKeyId=key_arn,
        retentionInDays=30.0,
        tags=TAGS,
    )
    assert group["arn"] == f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{name}"


@pytest.mark.parametrize("billing", ["PAY_PER_REQUEST", "PROVISIONED"])
def test_a_table_is_created_and_read_back(declare: Declares, key_arn: str, billing: str) -> None:
    capacity: dict[str, object] = (
        {"readCapacity": 10.0, "writeCapacity": 5.0} if billing == "PROVISIONED" else {}
    )
    name = unique("table")
    _, table = declare(
        "aws:dynamodb/table:Table",
        name=name,
        billingMode=billing,
        hashKey="pk",
        rangeKey="sk",
        attributes=[{"name": name, "type": "S"} for name in ("pk", "sk", "goalId")],
        globalSecondaryIndexes=[
            {
                "name": "goalId-index",
                "keySchemas": [
                    {"attributeName": "goalId", "keyType": "HASH"},
                    {"attributeName": "pk", "keyType": "RANGE"},
                ],
                "projectionType": "ALL",
                **capacity,
            }
        ],
        ttl={"attributeName": "ttl", "enabled": True},
        pointInTimeRecovery={"enabled": True},
        serverSideEncryption={"enabled": True, "kmsKeyArn": key_arn},
        deletionProtectionEnabled=True,
        tags=TAGS,
        **capacity,
    )
    assert table["arn"] == f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}"
    declare.change(deletionProtectionEnabled=False, pointInTimeRecovery={"enabled": False})


def test_a_function_runs_on_this_python_as_its_version(
    function: dict[str, Any], alias: dict[str, Any], clients: Clients
) -> None:
    assert function["qualifiedArn"] == f"{function['arn']}:{function['version']}"
    assert alias["arn"] == f"{function['arn']}:live"
    # to the program it is what it declared
    assert (function["runtime"], function["architectures"]) == ("python3.13", ["arm64"])
    answer = clients("lambda").invoke(FunctionName=alias["arn"], Payload=b'{"said": 1}')
    assert (answer["ExecutedVersion"], answer["Payload"].read()) == ("1", b'{"said": 1}')


def test_permission_concurrency_and_invoke_config_are_created_and_read_back(
    declare: Declares, alias: dict[str, Any]
) -> None:
    name = alias["functionName"]
    _, queue = declare("aws:sqs/queue:Queue", name=unique("queue"))
    declare(
        "aws:lambda/permission:Permission",
        statementId="gateway",
        action="lambda:InvokeFunction",
        function=name,
        qualifier="live",
        principal="apigateway.amazonaws.com",
        sourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:abc/*/*",
    )
    declare(
        "aws:lambda/permission:Permission",
        action="lambda:InvokeFunction",
        function=alias["arn"].removesuffix(":live"),
        principal="events.amazonaws.com",
        sourceAccount=ACCOUNT_ID,
    )
    declare(
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        functionName=name,
        qualifier="live",
        provisionedConcurrentExecutions=1,
    )
    declare(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        functionName=name,
        qualifier="live",
        maximumRetryAttempts=1,
        maximumEventAgeInSeconds=300,
        destinationConfig={"onFailure": {"destination": queue["arn"]}},
    )


def test_a_mapping_of_a_queue_is_read_back_and_changed_in_place(
    declare: Declares, alias: dict[str, Any]
) -> None:
    _, queue = declare("aws:sqs/queue:Queue", name=unique("queue"))
    uuid, mapping = declare(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        eventSourceArn=queue["arn"],
        functionName=alias["arn"],
        batchSize=500.0,
        maximumBatchingWindowInSeconds=10.0,
        functionResponseTypes=["ReportBatchItemFailures"],
        scalingConfig={"maximumConcurrency": 2.0},
        enabled=False,
        tags=TAGS,
    )
    assert (mapping["uuid"], mapping["state"]) == (uuid, "Disabled")
    changed = declare.change(
        batchSize=100.0, scalingConfig={"maximumConcurrency": 5.0}, enabled=None
    )
    assert changed["state"] == "Enabled"


def test_a_rule_and_its_target_are_created_and_read_back(
    declare: Declares, alias: dict[str, Any]
) -> None:
    _, queue = declare("aws:sqs/queue:Queue", name=unique("queue"))
    name = unique("rule")
    _, rule = declare(
        "aws:cloudwatch/eventRule:EventRule",
        name=name,
        description="every five minutes",
        scheduleExpression="rate(5 minutes)",
        state="ENABLED",
        tags=TAGS,
    )
    assert rule["arn"] == f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{name}"
    declare(
        "aws:cloudwatch/eventTarget:EventTarget",
        rule=name,
        targetId="reconcile",
        arn=alias["arn"],
        retryPolicy={"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 600},
        deadLetterConfig={"arn": queue["arn"]},
    )


def test_a_state_machine_its_version_and_its_alias_are_created_and_read_back(
    declare: Declares, key_arn: str
) -> None:
    _, group = declare("aws:cloudwatch/logGroup:LogGroup", name=unique("/aws/states/group"))
    name = unique("machine")
    states = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    arn, machine = declare(
        "aws:sfn/stateMachine:StateMachine",
        name=name,
        roleArn=role(declare, "states"),
        type="STANDARD",
        definition=json.dumps(states),
        publish=True,
        loggingConfiguration={
            "level": "ALL",
            "includeExecutionData": False,
            "logDestination": f"{group['arn']}:*",
        },
        encryptionConfiguration={
            "type": "CUSTOMER_MANAGED_KMS_KEY",
            "kmsKeyId": key_arn,
            "kmsDataKeyReusePeriodSeconds": 300,
        },
        tracingConfiguration={"enabled": True},
        tags=TAGS,
    )
    assert arn == f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:{name}"
    version = machine["stateMachineVersionArn"]
    alias_arn, _ = declare(
        "aws:sfn/alias:Alias",
        name="live",
        routingConfigurations=[{"stateMachineVersionArn": version, "weight": 100}],
    )
    assert (version, alias_arn) == (f"{arn}:1", f"{arn}:live")


def test_a_topic_its_policy_and_a_subscription_are_created_and_read_back(
    declare: Declares, key_arn: str
) -> None:
    name = unique("topic")
    arn, _ = declare("aws:sns/topic:Topic", name=name, kmsMasterKeyId=key_arn, tags=TAGS)
    assert arn == f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{name}"
    declare(
        "aws:sns/topicPolicy:TopicPolicy",
        arn=arn,
        policy=document("sns:Publish", arn, Service="cloudwatch.amazonaws.com"),
    )
    declare(
        "aws:sns/topicSubscription:TopicSubscription",
        topic=arn,
        protocol="email",
        endpoint="ops@example.com",
    )


def test_a_queue_and_its_policy_are_created_and_read_back(declare: Declares, key_arn: str) -> None:
    name = unique("queue")
    url, queue = declare(
        "aws:sqs/queue:Queue",
        name=name,
        kmsMasterKeyId=key_arn,
        kmsDataKeyReusePeriodSeconds=300,
        messageRetentionSeconds=1_209_600,
        tags=TAGS,
    )
    assert queue["arn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
    declare(
        "aws:sqs/queuePolicy:QueuePolicy",
        queueUrl=url,
        policy=document("sqs:SendMessage", queue["arn"], Service="events.amazonaws.com"),
    )


def test_a_secret_and_its_value_are_created_and_read_back(declare: Declares, key_arn: str) -> None:
    name = unique("secret")
    secret_id, secret = declare(
        "aws:secretsmanager/secret:Secret",
        name=name,
        kmsKeyId=key_arn,
        description="a secret",
        recoveryWindowInDays=0,
        tags=TAGS,
    )
    prefix = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{name}-"
    assert secret["arn"].startswith(prefix)
    assert len(secret["arn"]) == len(prefix) + 6
    version_id, _ = declare(
        "aws:secretsmanager/secretVersion:SecretVersion", secretId=secret_id, secretString="hush"
    )
    assert version_id.startswith(f"{secret_id}|")


def test_an_api_is_created_that_requires_a_users_token(
    declare: Declares, alias: dict[str, Any], clients: Clients
) -> None:
    pool_id, pool = declare(
        "aws:cognito/userPool:UserPool",
        name=unique("pool"),
        usernameAttributes=["email"],
        autoVerifiedAttributes=["email"],
        adminCreateUserConfig={"allowAdminCreateUserOnly": True},
        passwordPolicy={"minimumLength": 12, "requireSymbols": False},
        deletionProtection="INACTIVE",
        tags=TAGS,
    )
    client_id, _ = declare(
        "aws:cognito/userPoolClient:UserPoolClient",
        name="web",
        userPoolId=pool_id,
        generateSecret=False,
        explicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        tokenValidityUnits={"idToken": "minutes"},
        idTokenValidity=30,
    )
    declare("aws:cognito/userGroup:UserGroup", name="admin", userPoolId=pool_id, precedence=1)
    api_id, _ = declare(
        "aws:apigatewayv2/api:Api",
        name="api",
        protocolType="HTTP",
        corsConfiguration={"allowOrigins": ["https://goals.example"], "maxAge": 3600.0},
        tags=TAGS,
    )
    authorizer_id, _ = declare(
        "aws:apigatewayv2/authorizer:Authorizer",
        name="cognito",
        apiId=api_id,
        authorizerType="JWT",
        identitySources=["$request.header.Authorization"],
        jwtConfiguration={"audiences": [client_id], "issuer": f"https://{pool['endpoint']}"},
    )
    integration_id, _ = declare(
        "aws:apigatewayv2/integration:Integration",
        apiId=api_id,
        integrationType="AWS_PROXY",
        integrationUri=alias["arn"],
        payloadFormatVersion="2.0",
        timeoutMilliseconds=29_000,
    )
    declare(
        "aws:apigatewayv2/route:Route",
        apiId=api_id,
        routeKey="GET /echo",
        target=f"integrations/{integration_id}",
        authorizationType="JWT",
        authorizerId=authorizer_id,
    )
    _, group = declare("aws:cloudwatch/logGroup:LogGroup", name=unique("access"))
    _, stage = declare(
        "aws:apigatewayv2/stage:Stage",
        name="$default",
        apiId=api_id,
        autoDeploy=True,
        accessLogSettings={"destinationArn": group["arn"], "format": '{"id":"$context.requestId"}'},
        defaultRouteSettings={"throttlingRateLimit": 50.0, "throttlingBurstLimit": 100.0},
        tags=TAGS,
    )
    assert _get_status(f"{stage['invokeUrl']}/echo", "") == 401
    token = _token(clients, pool_id, client_id)
    assert _get_status(f"{stage['invokeUrl']}/echo", token) == 200


def test_every_type_in_the_table_is_declared_by_a_test_of_this_folder() -> None:
    source = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [type_ for type_ in PROVISIONERS if f'"{type_}"' not in source] == []


def _get_status(url: str, token: str) -> int:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _token(clients: Clients, pool_id: str, client_id: str) -> str:
    cognito, user, password = clients("cognito-idp"), "a@example.com", "Throwaway-12345"
    cognito.admin_create_user(UserPoolId=pool_id, Username=user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=user, Password=password, Permanent=True
    )
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
    )["AuthenticationResult"]["IdToken"]


def test_a_bucket_and_its_configurations_are_created_read_back_and_changed(
    declare: Declares, key_arn: str
) -> None:
    bucket = unique("bucket").lower()
    _, created = declare("aws:s3/bucket:Bucket", bucket=bucket, forceDestroy=True, tags=TAGS)
    assert created["arn"] == f"arn:aws:s3:::{bucket}"
    declare(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        bucket=bucket,
        blockPublicAcls=True,
        blockPublicPolicy=True,
        ignorePublicAcls=True,
        restrictPublicBuckets=True,
    )
    declare(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        bucket=bucket,
        rule={"objectOwnership": "BucketOwnerEnforced"},
    )
    declare(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        bucket=bucket,
        rules=[
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": "aws:kms",
                    "kmsMasterKeyId": key_arn,
                },
                "bucketKeyEnabled": True,
            }
        ],
    )
    declare(
        "aws:s3/bucketVersioning:BucketVersioning",
        bucket=bucket,
        versioningConfiguration={"status": "Enabled"},
    )
    rule = {
        "id": "expire",
        "status": "Enabled",
        "filter": {"prefix": "executions/"},
        "expiration": {"days": 1095.0},
        "noncurrentVersionExpiration": {"noncurrentDays": 30.0},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7.0},
    }
    declare(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        bucket=bucket,
        rules=[rule],
    )
    changed = declare.change(rules=[{**rule, "expiration": {"days": 400.0}}])
    assert changed["rules"][0]["expiration"]["days"] == 400
    declare(
        "aws:s3/bucketPolicy:BucketPolicy",
        bucket=bucket,
        policy=document("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Service="events.amazonaws.com"),
    )


def test_a_bucket_is_deleted_with_its_objects_only_if_it_is_to_be(
    declare: Declares, clients: Clients
) -> None:
    bucket = unique("bucket").lower()
    declare("aws:s3/bucket:Bucket", bucket=bucket, forceDestroy=True)
    clients("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    for text in (b"first", b"second"):
        clients("s3").put_object(Bucket=bucket, Key="object", Body=text)
    clients("s3").delete_object(Bucket=bucket, Key="object")
    assert declare.delete_all() == []


def test_a_backup_plan_its_vault_and_its_selection_are_created_read_back_and_changed(
    declare: Declares, key_arn: str
) -> None:
    vault = unique("vault")
    _, created = declare("aws:backup/vault:Vault", name=vault, kmsKeyArn=key_arn, tags=TAGS)
    assert created["arn"] == f"arn:aws:backup:{REGION}:{ACCOUNT_ID}:backup-vault:{vault}"
    role_arn = role(declare, "backup")
    rule = {
        "ruleName": "daily",
        "targetVaultName": vault,
        "schedule": "cron(0 18 * * ? *)",
        "startWindow": 60.0,
        "completionWindow": 720.0,
        "lifecycle": {"deleteAfter": 35.0},
    }
    plan_id, _ = declare("aws:backup/plan:Plan", name=unique("plan"), rules=[rule], tags=TAGS)
    changed = declare.change(rules=[{**rule, "lifecycle": {"deleteAfter": 40.0}}])
    assert changed["rules"][0]["lifecycle"] == {"deleteAfter": 40}
    declare(
        "aws:backup/selection:Selection",
        name="table",
        planId=plan_id,
        iamRoleArn=role_arn,
        resources=[f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/executions"],
    )
