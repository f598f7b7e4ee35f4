"""The one table: each of Pulumi's types that is declared, as CloudFormation knows it.

Names are those of the resource schemas that AWS publishes; what CloudFormation has no word for is
left out with the reason.
"""

from checks.cloudformation.converters import (
    as_it_is,
    document,
    key_attribute,
    log_destination,
    one_of,
    package,
    pairs,
    qualified_function,
    route_settings,
    suppressor,
    table_key,
)
from checks.cloudformation.mapping import LeftOut, Part, Shape
from policies import resource_types

_EXECUTE_API = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${%}"
_INVOCATIONS = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
_LOG_GROUP = "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${%}"
"""CloudFormation's Arn ends in :*, the provider's does not."""
_VERSION_IS_BESIDES = LeftOut("a version is a resource of its own to CloudFormation")

TABLE: dict[str, Shape | Part] = {
    resource_types.API: Shape(
        "AWS::ApiGatewayV2::Api",
        {"tags": as_it_is("Tags")},
        {"apiEndpoint": "${%.ApiEndpoint}", "executionArn": _EXECUTE_API},
    ),
    "aws:apigatewayv2/apiMapping:ApiMapping": Shape("AWS::ApiGatewayV2::ApiMapping"),
    resource_types.AUTHORIZER: Shape(
        "AWS::ApiGatewayV2::Authorizer",
        {"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
        {"id": "${%.AuthorizerId}"},
    ),
    "aws:apigatewayv2/domainName:DomainName": Shape(
        "AWS::ApiGatewayV2::DomainName",
        {"domainNameConfiguration": one_of("DomainNameConfigurations")},
    ),
    resource_types.INTEGRATION: Shape(
        "AWS::ApiGatewayV2::Integration", {"timeoutMilliseconds": "TimeoutInMillis"}
    ),
    resource_types.ROUTE: Shape("AWS::ApiGatewayV2::Route"),
    resource_types.STAGE: Shape(
        "AWS::ApiGatewayV2::Stage",
        {"name": "StageName", "routeSettings": route_settings, "tags": as_it_is("Tags")},
    ),
    resource_types.COMPOSITE_ALARM: Shape(
        "AWS::CloudWatch::CompositeAlarm",
        {
            "okActions": "OKActions",
            "actionsSuppressor": suppressor,
        },
        {"arn": "${%.Arn}"},
    ),
    resource_types.DASHBOARD: Shape("AWS::CloudWatch::Dashboard"),
    resource_types.EVENT_RULE: Shape(
        "AWS::Events::Rule", {"eventPattern": document("EventPattern")}, {"arn": "${%.Arn}"}
    ),
    resource_types.EVENT_TARGET: Part(
        resource_types.EVENT_RULE, {"rule": "name"}, {"targetId": "Id"}, item_of="Targets"
    ),
    resource_types.LOG_GROUP: Shape(
        "AWS::Logs::LogGroup", {"name": "LogGroupName"}, {"arn": _LOG_GROUP}
    ),
    resource_types.ALARM: Shape(
        "AWS::CloudWatch::Alarm",
        {
            "name": "AlarmName",
            "okActions": "OKActions",
            "dimensions": pairs("Dimensions", "Name"),
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "metricQueries.metric.dimensions": lambda value, _: {
                "Metric": pairs("Dimensions", "Name")(value, {})
            },
        },
        {"arn": "${%.Arn}"},
    ),
    resource_types.QUERY_DEFINITION: Shape("AWS::Logs::QueryDefinition"),
    "aws:cognito/userGroup:UserGroup": Shape("AWS::Cognito::UserPoolGroup", {"name": "GroupName"}),
    resource_types.USER_POOL: Shape(
        "AWS::Cognito::UserPool",
        {
            "name": "UserPoolName",
            "passwordPolicy": "Policies.PasswordPolicy",
            "tags": as_it_is("UserPoolTags"),
        },
        {"arn": "${%.Arn}", "endpoint": "${%.ProviderName}"},
    ),
    resource_types.USER_POOL_CLIENT: Shape("AWS::Cognito::UserPoolClient", {"name": "ClientName"}),
    resource_types.TABLE: Shape(
        "AWS::DynamoDB::Table",
        {
            "name": "TableName",
            "attributes": "AttributeDefinitions",
            "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
            "hashKey": key_attribute("HASH"),
            "rangeKey": key_attribute("RANGE"),
            "readCapacity": "ProvisionedThroughput.ReadCapacityUnits",
            "writeCapacity": "ProvisionedThroughput.WriteCapacityUnits",
            "globalSecondaryIndexes.name": "IndexName",
            "globalSecondaryIndexes.keySchemas": "KeySchema",
            "globalSecondaryIndexes.projectionType": "Projection.ProjectionType",
            "globalSecondaryIndexes.nonKeyAttributes": "Projection.NonKeyAttributes",
            "globalSecondaryIndexes.readCapacity": "ProvisionedThroughput.ReadCapacityUnits",
            "globalSecondaryIndexes.writeCapacity": "ProvisionedThroughput.WriteCapacityUnits",
            "pointInTimeRecovery": "PointInTimeRecoverySpecification",
            "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
            "serverSideEncryption": "SSESpecification",
            "serverSideEncryption.enabled": "SSEEnabled",
            "serverSideEncryption.kmsKeyArn": table_key,
            "streamEnabled": LeftOut("CloudFormation's StreamSpecification says it by being there"),
            "streamViewType": "StreamSpecification.StreamViewType",
            "ttl": "TimeToLiveSpecification",
        },
        {"arn": "${%.Arn}", "streamArn": "${%.StreamArn}"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Shape(
        "AWS::IAM::OIDCProvider",
        {"clientIdLists": "ClientIdList", "thumbprintLists": "ThumbprintList"},
        {"arn": "${%.Arn}"},
    ),
    "aws:iam/policy:Policy": Shape(
        "AWS::IAM::ManagedPolicy",
        {"name": "ManagedPolicyName", "policy": document("PolicyDocument")},
        {"arn": "${%}"},
    ),
    resource_types.ROLE: Shape(
        "AWS::IAM::Role",
        {"name": "RoleName", "assumeRolePolicy": document("AssumeRolePolicyDocument")},
        {"arn": "${%.Arn}"},
    ),
    resource_types.ROLE_POLICY: Shape(
        "AWS::IAM::RolePolicy",
        {"name": "PolicyName", "role": "RoleName", "policy": document("PolicyDocument")},
    ),
    resource_types.KEY_ALIAS: Shape("AWS::KMS::Alias", {"name": "AliasName"}),
    resource_types.KEY: Shape(
        "AWS::KMS::Key",
        {
            "policy": document("KeyPolicy"),
            "isEnabled": "Enabled",
            "customerMasterKeySpec": "KeySpec",
            "deletionWindowInDays": "PendingWindowInDays",
        },
        {"arn": "${%.Arn}", "keyId": "${%}"},
    ),
    resource_types.FUNCTION_ALIAS: Shape(
        "AWS::Lambda::Alias",
        outputs={"arn": "${%}", "invokeArn": f"{_INVOCATIONS}${{%}}/invocations"},
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Shape("AWS::Lambda::EventSourceMapping"),
    resource_types.FUNCTION: Shape(
        "AWS::Lambda::Function",
        {
            "name": "FunctionName",
            "code": package,
            "environment.variables": as_it_is("Variables"),
            "deadLetterConfig.targetArn": "TargetArn",
            "publish": _VERSION_IS_BESIDES,
        },
        {
            "arn": "${%.Arn}",
            "invokeArn": f"{_INVOCATIONS}${{%.Arn}}/invocations",
            "version": "${%Version.Version}",
            "qualifiedArn": "${%Version}",
        },
        {"Version": ("AWS::Lambda::Version", {"FunctionName": "${%}"})},
    ),
    resource_types.INVOKE_CONFIG: Shape("AWS::Lambda::EventInvokeConfig"),
    resource_types.PERMISSION: Shape(
        "AWS::Lambda::Permission",
        {
            "function": qualified_function,
            "qualifier": LeftOut("stands in the function's name"),
            "statementId": LeftOut("CloudFormation makes it up"),
        },
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Part(
        resource_types.FUNCTION_ALIAS,
        {"functionName": "functionName", "qualifier": "name"},
        {
            "provisionedConcurrentExecutions": (
                "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"
            )
        },
    ),
    resource_types.SECRET: Shape(
        "AWS::SecretsManager::Secret",
        {"recoveryWindowInDays": LeftOut("CloudFormation deletes with Secrets Manager's 30 days")},
        {"arn": "${%}"},
    ),
    resource_types.SECRET_VERSION: Part(resource_types.SECRET, {"secretId": "id"}),
    resource_types.MACHINE_ALIAS: Shape(
        "AWS::StepFunctions::StateMachineAlias",
        {"routingConfigurations": "RoutingConfiguration"},
        {"arn": "${%}"},
    ),
    resource_types.MACHINE: Shape(
        "AWS::StepFunctions::StateMachine",
        {
            "name": "StateMachineName",
            "type": "StateMachineType",
            "definition": "DefinitionString",
            "loggingConfiguration.logDestination": log_destination,
            "publish": _VERSION_IS_BESIDES,
        },
        {"arn": "${%}", "stateMachineVersionArn": "${%Version}"},
        {"Version": ("AWS::StepFunctions::StateMachineVersion", {"StateMachineArn": "${%}"})},
    ),
    resource_types.TOPIC: Shape("AWS::SNS::Topic", {"name": "TopicName"}, {"arn": "${%}"}),
    resource_types.TOPIC_POLICY: Shape(
        "AWS::SNS::TopicPolicy", {"arn": one_of("Topics"), "policy": document("PolicyDocument")}
    ),
    resource_types.SUBSCRIPTION: Shape(
        "AWS::SNS::Subscription",
        {
            "topic": "TopicArn",
            "filterPolicy": document("FilterPolicy"),
            "redrivePolicy": document("RedrivePolicy"),
        },
        {"arn": "${%}"},
    ),
    resource_types.QUEUE: Shape(
        "AWS::SQS::Queue",
        {
            "name": "QueueName",
            "maxMessageSize": "MaximumMessageSize",
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
            "redrivePolicy": document("RedrivePolicy"),
            "redriveAllowPolicy": document("RedriveAllowPolicy"),
        },
        {"arn": "${%.Arn}", "url": "${%}"},
    ),
    resource_types.QUEUE_POLICY: Shape(
        "AWS::SQS::QueuePolicy",
        {"queueUrl": one_of("Queues"), "policy": document("PolicyDocument")},
    ),
}
