"""The one table: what the program may declare, and how each of it is made real."""

from localcloud.realise import (
    apigateway,
    cognito,
    dynamodb,
    events,
    functions,
    iam,
    kms,
    logs,
    secretsmanager,
    sns,
    sqs,
    stepfunctions,
)
from localcloud.realise.local_function import FUNCTION
from localcloud.realise.realiser import Realiser

REALISERS: dict[str, Realiser] = {
    "aws:apigatewayv2/api:Api": Realiser(apigateway.create_api, apigateway.read_api),
    "aws:apigatewayv2/authorizer:Authorizer": Realiser(
        apigateway.create_authorizer, apigateway.read_authorizer
    ),
    "aws:apigatewayv2/integration:Integration": Realiser(
        apigateway.create_integration, apigateway.read_integration
    ),
    "aws:apigatewayv2/route:Route": Realiser(apigateway.create_route, apigateway.read_route),
    "aws:apigatewayv2/stage:Stage": Realiser(apigateway.create_stage, apigateway.read_stage),
    "aws:cloudwatch/eventRule:EventRule": Realiser(events.create_rule, events.read_rule),
    "aws:cloudwatch/eventTarget:EventTarget": Realiser(events.create_target, events.read_target),
    "aws:cloudwatch/logGroup:LogGroup": Realiser(logs.create_log_group, logs.read_log_group),
    "aws:cognito/userGroup:UserGroup": Realiser(cognito.create_group, cognito.read_group),
    "aws:cognito/userPool:UserPool": Realiser(cognito.create_pool, cognito.read_pool),
    "aws:cognito/userPoolClient:UserPoolClient": Realiser(
        cognito.create_client, cognito.read_client
    ),
    "aws:dynamodb/table:Table": Realiser(dynamodb.create_table, dynamodb.read_table),
    "aws:iam/role:Role": Realiser(iam.create_role, iam.read_role),
    "aws:iam/rolePolicy:RolePolicy": Realiser(iam.create_role_policy, iam.read_role_policy),
    "aws:kms/alias:Alias": Realiser(kms.create_alias, kms.read_alias),
    "aws:kms/key:Key": Realiser(kms.create_key, kms.read_key),
    "aws:lambda/alias:Alias": Realiser(functions.create_alias, functions.read_alias),
    FUNCTION: Realiser(functions.create_function, functions.read_function),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Realiser(
        functions.create_invoke_config, functions.read_invoke_config
    ),
    "aws:lambda/permission:Permission": Realiser(
        functions.create_permission, functions.read_permission
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Realiser(
        functions.create_provisioned_concurrency, functions.read_provisioned_concurrency
    ),
    "aws:secretsmanager/secret:Secret": Realiser(
        secretsmanager.create_secret, secretsmanager.read_secret
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Realiser(
        secretsmanager.create_version, secretsmanager.read_version
    ),
    "aws:sfn/alias:Alias": Realiser(stepfunctions.create_alias, stepfunctions.read_alias),
    "aws:sfn/stateMachine:StateMachine": Realiser(
        stepfunctions.create_machine, stepfunctions.read_machine
    ),
    "aws:sns/topic:Topic": Realiser(sns.create_topic, sns.read_topic),
    "aws:sns/topicPolicy:TopicPolicy": Realiser(sns.create_topic_policy, sns.read_topic_policy),
    "aws:sns/topicSubscription:TopicSubscription": Realiser(
        sns.create_subscription, sns.read_subscription
    ),
    "aws:sqs/queue:Queue": Realiser(sqs.create_queue, sqs.read_queue),
    "aws:sqs/queuePolicy:QueuePolicy": Realiser(sqs.create_queue_policy, sqs.read_queue_policy),
}
