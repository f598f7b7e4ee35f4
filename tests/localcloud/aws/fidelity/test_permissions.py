"""IAM for functions, machines and their callers."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.emulated import ACCOUNT_ID, REGION, EmulatedAws, Json, document, statement


def _table_arn(table: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}"


def _call(aws: EmulatedAws, role_arn: str, *call: Any) -> Any:
    return aws.invoke(aws.function(role_arn), {"call": list(call)})


def _error(aws: EmulatedAws, role_arn: str, resource: str, arguments: Json) -> tuple[str, str]:
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}
    execution = aws.run({"Work": task}, role_arn=role_arn)
    return execution.get("error", ""), execution.get("cause", "")


def _put(table: str) -> tuple[str, str, Json]:
    item = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    return "dynamodb", "put_item", {"TableName": table, "Item": item}


def test_a_function_has_the_permissions_of_its_role_only(aws: EmulatedAws) -> None:
    table, other = aws.table(), aws.table()
    role = aws.role("lambda", statement("dynamodb:PutItem", _table_arn(table)))
    key = {"TableName": table, "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}

    assert _call(aws, role, *_put(table)) == {"status": 200}
    for denied in (_put(other), ("dynamodb", "get_item", key)):
        error = _call(aws, role, *denied)
        assert "AccessDeniedException" in error["errorMessage"]


def test_an_index_needs_a_permission_of_its_own(aws: EmulatedAws) -> None:
    index = {
        "IndexName": "byA",
        "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    table = aws.table(GlobalSecondaryIndexes=[index])
    role = aws.role("lambda", statement("dynamodb:Query", _table_arn(table)))
    query = {
        "TableName": table,
        "IndexName": "byA",
        "KeyConditionExpression": "sk = :sk",
        "ExpressionAttributeValues": {":sk": {"S": "x"}},
    }

    assert "AccessDenied" in _call(aws, role, "dynamodb", "query", query)["errorMessage"]


def test_a_transaction_needs_the_permission_of_each_of_its_writes(aws: EmulatedAws) -> None:
    table = aws.table()
    role = aws.role("lambda", statement("dynamodb:UpdateItem", _table_arn(table)))
    _, _, put = _put(table)

    error = _call(aws, role, "dynamodb", "transact_write_items", {"TransactItems": [{"Put": put}]})

    assert "AccessDenied" in error["errorMessage"]


def test_starting_an_alias_needs_the_permission_on_the_machine(aws: EmulatedAws) -> None:
    machine = aws.machine({"Done": {"Type": "Succeed"}})
    live, _ = aws.live(machine)
    role = aws.role("lambda", statement("states:StartExecution", live))

    start = ("stepfunctions", "start_execution", {"stateMachineArn": live})
    assert "AccessDenied" in _call(aws, role, *start)["errorMessage"]


def test_a_deny_overrides_an_allow(aws: EmulatedAws) -> None:
    table = aws.table()
    deny = statement("dynamodb:PutItem", _table_arn(table), "Deny")
    role = aws.role("lambda", statement("dynamodb:*", "*"), deny)

    assert "AccessDenied" in _call(aws, role, *_put(table))["errorMessage"]


def test_reading_a_secret_needs_the_permission(aws: EmulatedAws) -> None:
    secrets = aws.client("secretsmanager")
    arn = secrets.create_secret(Name="database-url", SecretString="postgresql://")["ARN"]
    pattern = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:database-url-??????"
    read = ("secretsmanager", "get_secret_value", {"SecretId": arn})

    may = aws.role("lambda", statement("secretsmanager:GetSecretValue", pattern))
    assert _call(aws, may, *read) == {"status": 200}
    assert "AccessDenied" in _call(aws, aws.role("lambda"), *read)["errorMessage"]


def test_a_machine_needs_the_permission_on_the_qualified_function(
    aws: EmulatedAws,
) -> None:
    function = aws.function(aws.role("lambda"))
    version = aws.functions.publish_version(FunctionName=function)["Version"]
    aws.functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    unqualified = aws.role("states", statement("lambda:InvokeFunction", function))
    qualified = aws.role("states", statement("lambda:InvokeFunction", f"{function}:live"))

    assert _error(aws, qualified, f"{function}:live", {}) == ("", "")
    error, cause = _error(aws, unqualified, f"{function}:live", {})
    assert error == "Lambda.AWSLambdaException"
    assert "is not authorized to perform: lambda:InvokeFunction on resource" in cause
    assert _error(aws, qualified, function, {})[0] == "Lambda.AWSLambdaException"


def test_a_machine_needs_the_permission_on_the_topic(aws: EmulatedAws) -> None:
    topic = aws.client("sns").create_topic(Name="allowed")["TopicArn"]
    may = aws.role("states", statement("sns:Publish", topic))
    may_not = aws.role("states", statement("sns:Publish", f"{topic}-other"))
    publish = ("arn:aws:states:::sns:publish", {"TopicArn": topic, "Message": "m"})

    assert _error(aws, may, *publish)[0] == ""
    assert _error(aws, may_not, *publish)[0] == "SNS.AuthorizationErrorException"


def test_a_topic_policy_can_deny_a_machine(aws: EmulatedAws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="refusing")["TopicArn"]
    role = aws.role("states", statement("sns:Publish", topic))
    refusal = {**statement("sns:Publish", topic, "Deny"), "Principal": {"AWS": role}}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document(refusal)
    )
    publish = ("arn:aws:states:::sns:publish", {"TopicArn": topic, "Message": "m"})

    assert _error(aws, role, *publish)[0] == "SNS.AuthorizationErrorException"


def test_a_machine_needs_the_permission_on_table_and_action(
    aws: EmulatedAws,
) -> None:
    table = aws.table()
    role = aws.role("states", statement("dynamodb:UpdateItem", _table_arn(table)))
    key = {"TableName": table, "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}
    item = {"TableName": table, "Item": key["Key"]}

    assert _error(aws, role, "arn:aws:states:::dynamodb:updateItem", key)[0] == ""
    for resource, arguments in (
        ("arn:aws:states:::dynamodb:putItem", item),
        ("arn:aws:states:::dynamodb:updateItem", {**key, "TableName": aws.table()}),
    ):
        error, cause = _error(aws, role, resource, arguments)
        assert error == "DynamoDB.AmazonDynamoDBException"
        assert "is not authorized to perform: dynamodb:" in cause


def test_a_changed_role_takes_effect_at_once(aws: EmulatedAws) -> None:
    role = aws.role("states")
    assert _error(aws, role, aws.worker, {})[0] == "Lambda.AWSLambdaException"

    policy = document(statement("lambda:InvokeFunction", aws.worker))
    name = role.rpartition("/")[2]
    aws.client("iam").put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy)

    assert _error(aws, role, aws.worker, {})[0] == ""


def test_a_machine_needs_a_role_that_trusts_step_functions(aws: EmulatedAws) -> None:
    states = {"Done": {"Type": "Succeed"}}

    with pytest.raises(ClientError, match="is authorized to assume the provided role"):
        aws.machine(states, role_arn=aws.role("lambda"))
    with pytest.raises(ClientError, match="role"):
        aws.machine(states, role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/missing")


def test_starting_and_stopping_an_execution_need_permissions(aws: EmulatedAws) -> None:
    machine = aws.machine({"Wait": {"Type": "Wait", "Seconds": 9, "End": True}})
    live, _ = aws.live(machine)
    executions = machine.replace(":stateMachine:", ":execution:") + ":*"
    starter = aws.role("lambda", statement("states:StartExecution", machine))
    stopper = aws.role("lambda", statement("states:StopExecution", executions))
    start = ("stepfunctions", "start_execution", {"stateMachineArn": live, "name": "one"})
    stop = ("stepfunctions", "stop_execution", {"executionArn": executions.replace("*", "one")})

    assert "AccessDenied" in _call(aws, stopper, *start)["errorMessage"]
    assert _call(aws, starter, *start) == {"status": 200}
    assert "AccessDenied" in _call(aws, starter, *stop)["errorMessage"]
    assert _call(aws, stopper, *stop) == {"status": 200}


def test_unknown_and_forged_credentials_are_refused(aws: EmulatedAws) -> None:
    unknown = aws.client(
        "dynamodb", aws_access_key_id="AKIAXXXXXXXXXXXXXXXX", aws_secret_access_key="x"
    )
    iam = aws.client("iam")
    iam.create_user(UserName="somebody")
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    forged = aws.client(
        "dynamodb", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key="not its secret"
    )

    for client in (unknown, forged):
        with pytest.raises(ClientError, match=r"(?i)token|signature"):
            client.list_tables()


def test_a_function_has_the_credentials_of_its_role(aws: EmulatedAws) -> None:
    role = aws.role("lambda")
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n"
    )
    arn = aws.invoke(aws.function(role, source=source), {})

    assert arn.startswith(f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role.rpartition('/')[2]}/")


def test_each_operation_of_lambda_needs_a_permission_of_its_own(aws: EmulatedAws) -> None:
    function = aws.function(aws.role("lambda"))
    version = aws.functions.publish_version(FunctionName=function)["Version"]
    aws.functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    role = aws.role("lambda", statement("lambda:GetAlias", function))

    one = {"FunctionName": function, "Name": "live"}
    assert _call(aws, role, "lambda", "get_alias", one) == {"status": 200}
    denied = _call(aws, role, "lambda", "list_aliases", {"FunctionName": function})
    assert "lambda:ListAliases" in denied["errorMessage"]


def test_a_condition_on_the_boundary_lets_only_bounded_roles_be_made(aws: EmulatedAws) -> None:
    limit = document(statement("sqs:SendMessage", "*"))
    iam = aws.client("iam")
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    roles = f"arn:aws:iam::{ACCOUNT_ID}:role/made-*"
    may = {**statement(["iam:CreateRole", "iam:PutRolePolicy"], roles), "Condition": condition}
    maker = aws.role("lambda", may)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    assume = document({**trust, "Action": "sts:AssumeRole"})
    free = {"RoleName": "made-free", "AssumeRolePolicyDocument": assume}
    bounded = {**free, "RoleName": "made-bounded", "PermissionsBoundary": boundary}

    assert "AccessDenied" in _call(aws, maker, "iam", "create_role", free)["errorMessage"]
    assert _call(aws, maker, "iam", "create_role", bounded) == {"status": 200}
    policy = {"RoleName": "made-bounded", "PolicyName": "p", "PolicyDocument": limit}
    assert _call(aws, maker, "iam", "put_role_policy", policy) == {"status": 200}


def test_a_key_is_judged_by_its_tags_and_an_alias_on_the_key_too(aws: EmulatedAws) -> None:
    def key(**tags: str) -> str:
        pairs = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
        return aws.client("kms").create_key(Tags=pairs)["KeyMetadata"]["Arn"]

    own, other = key(Owner="us"), key(Owner="them")
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:alias/ours"
    tagged = {
        **statement(["kms:DescribeKey", "kms:CreateAlias"], own.rpartition("/")[0] + "/*"),
        "Condition": {"StringEquals": {"aws:ResourceTag/Owner": "us"}},
    }
    role = aws.role("lambda", tagged, statement("kms:CreateAlias", alias))

    def named(target: str) -> Json:
        return {"AliasName": "alias/ours", "TargetKeyId": target}

    assert _call(aws, role, "kms", "describe_key", {"KeyId": own}) == {"status": 200}
    for denied in (("describe_key", {"KeyId": other}), ("create_alias", named(other))):
        assert "AccessDenied" in _call(aws, role, "kms", *denied)["errorMessage"]
    assert _call(aws, role, "kms", "create_alias", named(own)) == {"status": 200}


def test_a_rule_of_the_default_bus_is_judged_without_a_bus(aws: EmulatedAws) -> None:
    rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/hourly"
    role = aws.role("lambda", statement(["events:PutRule", "events:ListTargetsByRule"], rule))
    new = {"Name": "hourly", "ScheduleExpression": "rate(1 hour)"}

    assert _call(aws, role, "events", "put_rule", new) == {"status": 200}
    listed = _call(aws, role, "events", "list_targets_by_rule", {"Rule": "hourly"})
    assert listed == {"status": 200}


def test_aws_backup_is_judged_on_vaults_and_plans_by_name_and_by_tags(aws: EmulatedAws) -> None:
    backup = aws.client("backup")
    mine, other = (f"vault-{uuid4().hex[:8]}" for _ in range(2))
    for name in (mine, other):
        backup.create_backup_vault(BackupVaultName=name)
    rule = {"RuleName": "daily", "TargetBackupVaultName": mine}
    plans = [
        backup.create_backup_plan(
            BackupPlan={"BackupPlanName": f"plan-{owner}", "Rules": [rule]},
            BackupPlanTags={"Owner": owner},
        )["BackupPlanId"]
        for owner in ("me", "you")
    ]
    here = f"arn:aws:backup:{REGION}:{ACCOUNT_ID}"
    of_plans = statement(
        ["backup:GetBackupPlan", "backup:ListBackupSelections"], f"{here}:backup-plan:*"
    )
    of_plans["Condition"] = {"StringEquals": {"aws:ResourceTag/Owner": "me"}}
    vault = statement("backup:DescribeBackupVault", f"{here}:backup-vault:{mine}")
    role = aws.role("lambda", vault, of_plans)

    def ask(operation: str, **request: Any) -> str:
        answer = _call(aws, role, "backup", operation, request)
        return answer.get("errorMessage", "")

    assert ask("describe_backup_vault", BackupVaultName=mine) == ""
    assert ask("get_backup_plan", BackupPlanId=plans[0]) == ""
    assert ask("list_backup_selections", BackupPlanId=plans[0]) == ""
    for denied in (
        ask("describe_backup_vault", BackupVaultName=other),
        ask("get_backup_plan", BackupPlanId=plans[1]),
        ask("list_backup_plans"),
        ask("delete_backup_vault", BackupVaultName=mine),
        ask("list_recovery_points_by_backup_vault", BackupVaultName=mine),
    ):
        assert "AccessDenied" in denied
