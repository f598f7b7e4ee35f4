"""The table of all types that the programs declare, as CloudFormation has them.

The names are those of AWS's resource schemas. What CloudFormation does not have is omitted, with
the reason.
"""

from checks.cloudformation.converters import (
    actions_suppressor,
    as_list,
    as_pairs,
    expiration,
    key_attribute,
    lifecycle_filter,
    log_destination,
    ownership_rules,
    package,
    parsed_json,
    qualified_function,
    route_settings,
    table_key,
    unchanged,
)
from checks.cloudformation.mapping import Omitted, PropertyMapping, ResourceMapping
from policies.stack import resource_types

_EXECUTE_API = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${%}"
_INVOCATIONS = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
_LOG_GROUP = "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:${%}"
"""CloudFormation's Arn ends with :*, the provider's does not."""
_PUBLISHED = Omitted("in CloudFormation a version is a resource of its own")

TABLE: dict[str, ResourceMapping | PropertyMapping] = {
    resource_types.BACKUP_PLAN: ResourceMapping(
        "AWS::Backup::BackupPlan",
        {
            "name": "BackupPlan.BackupPlanName",
            "rules": "BackupPlan.BackupPlanRule",
            "rules.targetVaultName": "TargetBackupVault",
            "rules.schedule": "ScheduleExpression",
            "rules.startWindow": "StartWindowMinutes",
            "rules.completionWindow": "CompletionWindowMinutes",
            "rules.lifecycle.deleteAfter": "DeleteAfterDays",
            "tags": unchanged("BackupPlanTags"),
        },
        {"arn": "${%.BackupPlanArn}"},
    ),
    resource_types.BACKUP_SELECTION: ResourceMapping(
        "AWS::Backup::BackupSelection",
        {
            "planId": "BackupPlanId",
            "name": "BackupSelection.SelectionName",
            "iamRoleArn": "BackupSelection.IamRoleArn",
            "resources": "BackupSelection.Resources",
        },
    ),
    resource_types.BACKUP_VAULT: ResourceMapping(
        "AWS::Backup::BackupVault",
        {
            "name": "BackupVaultName",
            "kmsKeyArn": "EncryptionKeyArn",
            "tags": unchanged("BackupVaultTags"),
        },
        {"arn": "${%.BackupVaultArn}", "name": "${%}"},
    ),
    resource_types.BUCKET: ResourceMapping(
        "AWS::S3::Bucket",
        {
            "bucket": "BucketName",
            "forceDestroy": Omitted("CloudFormation deletes no objects with their bucket"),
        },
        {"arn": "${%.Arn}"},
    ),
    resource_types.BUCKET_ENCRYPTION: PropertyMapping(
        resource_types.BUCKET,
        {"bucket": "bucket"},
        {
            "rules": "BucketEncryption.ServerSideEncryptionConfiguration",
            "rules.applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
            "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID",
            "rules.applyServerSideEncryptionByDefault.sseAlgorithm": "SSEAlgorithm",
        },
    ),
    resource_types.BUCKET_LIFECYCLE: PropertyMapping(
        resource_types.BUCKET,
        {"bucket": "bucket"},
        {
            "rules": "LifecycleConfiguration.Rules",
            "rules.expiration": expiration,
            "rules.filter": lifecycle_filter,
        },
    ),
    resource_types.BUCKET_OWNERSHIP: PropertyMapping(
        resource_types.BUCKET,
        {"bucket": "bucket"},
        {"rule": ownership_rules},
    ),
    resource_types.BUCKET_POLICY: ResourceMapping(
        "AWS::S3::BucketPolicy", {"policy": parsed_json("PolicyDocument")}
    ),
    resource_types.BUCKET_PUBLIC_ACCESS: PropertyMapping(
        resource_types.BUCKET,
        {"bucket": "bucket"},
        {
            name: f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}"
            for name in (
                "blockPublicAcls",
                "blockPublicPolicy",
                "ignorePublicAcls",
                "restrictPublicBuckets",
            )
        },
    ),
    resource_types.BUCKET_VERSIONING: PropertyMapping(resource_types.BUCKET, {"bucket": "bucket"}),
    resource_types.API: ResourceMapping(
        "AWS::ApiGatewayV2::Api",
        {"tags": unchanged("Tags")},
        {"apiEndpoint": "${%.ApiEndpoint}", "executionArn": _EXECUTE_API},
    ),
    "aws:apigatewayv2/apiMapping:ApiMapping": ResourceMapping("AWS::ApiGatewayV2::ApiMapping"),
    resource_types.AUTHORIZER: ResourceMapping(
        "AWS::ApiGatewayV2::Authorizer",
        {"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
        {"id": "${%.AuthorizerId}"},
    ),
    "aws:apigatewayv2/domainName:DomainName": ResourceMapping(
        "AWS::ApiGatewayV2::DomainName",
        {"domainNameConfiguration": as_list("DomainNameConfigurations")},
    ),
    resource_types.INTEGRATION: ResourceMapping(
        "AWS::ApiGatewayV2::Integration", {"timeoutMilliseconds": "TimeoutInMillis"}
    ),
    resource_types.ROUTE: ResourceMapping("AWS::ApiGatewayV2::Route"),
    resource_types.STAGE: ResourceMapping(
        "AWS::ApiGatewayV2::Stage",
        {"name": "StageName", "routeSettings": route_settings, "tags": unchanged("Tags")},
    ),
    resource_types.COMPOSITE_ALARM: ResourceMapping(
        "AWS::CloudWatch::CompositeAlarm",
        {
            "okActions": "OKActions",
            "actionsSuppressor": actions_suppressor,
        },
        {"arn": "${%.Arn}"},
    ),
    resource_types.DASHBOARD: ResourceMapping("AWS::CloudWatch::Dashboard"),
    resource_types.EVENT_RULE: ResourceMapping(
        "AWS::Events::Rule", {"eventPattern": parsed_json("EventPattern")}, {"arn": "${%.Arn}"}
    ),
    resource_types.EVENT_TARGET: PropertyMapping(
        resource_types.EVENT_RULE, {"rule": "name"}, {"targetId": "Id"}, item_of="Targets"
    ),
    resource_types.LOG_GROUP: ResourceMapping(
        "AWS::Logs::LogGroup", {"name": "LogGroupName"}, {"arn": _LOG_GROUP}
    ),
    resource_types.ALARM: ResourceMapping(
        "AWS::CloudWatch::Alarm",
        {
            "name": "AlarmName",
            "okActions": "OKActions",
            "dimensions": as_pairs("Dimensions", "Name"),
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "metricQueries.metric.dimensions": lambda value, _: {
                "Metric": as_pairs("Dimensions", "Name")(value, {})
            },
        },
        {"arn": "${%.Arn}"},
    ),
    resource_types.QUERY_DEFINITION: ResourceMapping("AWS::Logs::QueryDefinition"),
    "aws:cognito/userGroup:UserGroup": ResourceMapping(
        "AWS::Cognito::UserPoolGroup", {"name": "GroupName"}
    ),
    resource_types.USER_POOL: ResourceMapping(
        "AWS::Cognito::UserPool",
        {
            "name": "UserPoolName",
            "passwordPolicy": "Policies.PasswordPolicy",
            "tags": unchanged("UserPoolTags"),
        },
        {"arn": "${%.Arn}", "endpoint": "${%.ProviderName}"},
    ),
    resource_types.USER_POOL_CLIENT: ResourceMapping(
        "AWS::Cognito::UserPoolClient", {"name": "ClientName"}
    ),
    resource_types.TABLE: ResourceMapping(
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
            "streamEnabled": Omitted("in CloudFormation a StreamSpecification enables it"),
            "streamViewType": "StreamSpecification.StreamViewType",
            "ttl": "TimeToLiveSpecification",
        },
        {"arn": "${%.Arn}", "streamArn": "${%.StreamArn}"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ResourceMapping(
        "AWS::IAM::OIDCProvider",
        {"clientIdLists": "ClientIdList", "thumbprintLists": "ThumbprintList"},
        {"arn": "${%.Arn}"},
    ),
    "aws:iam/policy:Policy": ResourceMapping(
        "AWS::IAM::ManagedPolicy",
        {"name": "ManagedPolicyName", "policy": parsed_json("PolicyDocument")},
        {"arn": "${%}"},
    ),
    resource_types.ROLE: ResourceMapping(
        "AWS::IAM::Role",
        {"name": "RoleName", "assumeRolePolicy": parsed_json("AssumeRolePolicyDocument")},
        {"arn": "${%.Arn}"},
    ),
    resource_types.ROLE_POLICY: ResourceMapping(
        "AWS::IAM::RolePolicy",
        {"name": "PolicyName", "role": "RoleName", "policy": parsed_json("PolicyDocument")},
    ),
    resource_types.ROLE_POLICY_ATTACHMENT: PropertyMapping(
        resource_types.ROLE, {"role": "name"}, {"policyArn": as_list("ManagedPolicyArns")}
    ),
    resource_types.KEY_ALIAS: ResourceMapping("AWS::KMS::Alias", {"name": "AliasName"}),
    resource_types.KEY: ResourceMapping(
        "AWS::KMS::Key",
        {
            "policy": parsed_json("KeyPolicy"),
            "isEnabled": "Enabled",
            "customerMasterKeySpec": "KeySpec",
            "deletionWindowInDays": "PendingWindowInDays",
        },
        {"arn": "${%.Arn}", "keyId": "${%}"},
    ),
    resource_types.FUNCTION_ALIAS: ResourceMapping(
        "AWS::Lambda::Alias",
        outputs={"arn": "${%}", "invokeArn": f"{_INVOCATIONS}${{%}}/invocations"},
    ),
    resource_types.EVENT_SOURCE_MAPPING: ResourceMapping("AWS::Lambda::EventSourceMapping"),
    resource_types.FUNCTION: ResourceMapping(
        "AWS::Lambda::Function",
        {
            "name": "FunctionName",
            "code": package,
            "environment.variables": unchanged("Variables"),
            "deadLetterConfig.targetArn": "TargetArn",
            "publish": _PUBLISHED,
        },
        {
            "arn": "${%.Arn}",
            "invokeArn": f"{_INVOCATIONS}${{%.Arn}}/invocations",
            "version": "${%Version.Version}",
            "qualifiedArn": "${%Version}",
        },
        {"Version": ("AWS::Lambda::Version", {"FunctionName": "${%}"})},
    ),
    resource_types.INVOKE_CONFIG: ResourceMapping("AWS::Lambda::EventInvokeConfig"),
    resource_types.PERMISSION: ResourceMapping(
        "AWS::Lambda::Permission",
        {
            "function": qualified_function,
            "qualifier": Omitted("it is part of the function's name"),
            "statementId": Omitted("CloudFormation chooses its own id"),
        },
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": PropertyMapping(
        resource_types.FUNCTION_ALIAS,
        {"functionName": "functionName", "qualifier": "name"},
        {
            "provisionedConcurrentExecutions": (
                "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"
            )
        },
    ),
    resource_types.SECRET: ResourceMapping(
        "AWS::SecretsManager::Secret",
        {"recoveryWindowInDays": Omitted("CloudFormation has Secrets Manager's 30 days")},
        {"arn": "${%}"},
    ),
    resource_types.SECRET_VERSION: PropertyMapping(resource_types.SECRET, {"secretId": "id"}),
    resource_types.MACHINE_ALIAS: ResourceMapping(
        "AWS::StepFunctions::StateMachineAlias",
        {"routingConfigurations": "RoutingConfiguration"},
        {"arn": "${%}"},
    ),
    resource_types.MACHINE: ResourceMapping(
        "AWS::StepFunctions::StateMachine",
        {
            "name": "StateMachineName",
            "type": "StateMachineType",
            "definition": "DefinitionString",
            "loggingConfiguration.logDestination": log_destination,
            "publish": _PUBLISHED,
        },
        {"arn": "${%}", "stateMachineVersionArn": "${%Version}"},
        {"Version": ("AWS::StepFunctions::StateMachineVersion", {"StateMachineArn": "${%}"})},
    ),
    resource_types.TOPIC: ResourceMapping(
        "AWS::SNS::Topic", {"name": "TopicName"}, {"arn": "${%}"}
    ),
    resource_types.TOPIC_POLICY: ResourceMapping(
        "AWS::SNS::TopicPolicy", {"arn": as_list("Topics"), "policy": parsed_json("PolicyDocument")}
    ),
    resource_types.SUBSCRIPTION: ResourceMapping(
        "AWS::SNS::Subscription",
        {
            "topic": "TopicArn",
            "filterPolicy": parsed_json("FilterPolicy"),
            "redrivePolicy": parsed_json("RedrivePolicy"),
        },
        {"arn": "${%}"},
    ),
    resource_types.QUEUE: ResourceMapping(
        "AWS::SQS::Queue",
        {
            "name": "QueueName",
            "maxMessageSize": "MaximumMessageSize",
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
            "redrivePolicy": parsed_json("RedrivePolicy"),
            "redriveAllowPolicy": parsed_json("RedriveAllowPolicy"),
        },
        {"arn": "${%.Arn}", "url": "${%}"},
    ),
    resource_types.QUEUE_POLICY: ResourceMapping(
        "AWS::SQS::QueuePolicy",
        {"queueUrl": as_list("Queues"), "policy": parsed_json("PolicyDocument")},
    ),
}
