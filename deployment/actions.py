"""The actions that create, read, change and delete what the program declares, by service.

They are the provider's calls (pulumi-aws is built from terraform-provider-aws). A test compares
them with the permissions that AWS publishes for its own handlers of the same types.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Needs:
    """The actions that a service's resources need.

    types: Pulumi's, without `aws:`. read: for previews and refreshes. write: more, to deploy.
    """

    service: str
    types: tuple[str, ...]
    read: tuple[str, ...]
    write: tuple[str, ...]


_TAGS = ("TagResource", "UntagResource")

ROLES = Needs(
    "iam",
    ("iam/role:Role", "iam/rolePolicy:RolePolicy"),
    ("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoleTags"),
    ("DeleteRole", "ListInstanceProfilesForRole", "TagRole", "UntagRole", "UpdateRole"),
)
BOUNDED = (
    "CreateRole",
    "DeleteRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
)
"""What gives a role more: the condition iam:PermissionsBoundary limits it to bounded roles."""

FUNCTIONS = Needs(
    "lambda",
    (
        "lambda/function:Function",
        "lambda/alias:Alias",
        "lambda/permission:Permission",
        "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        "lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    ),
    (
        "GetAlias",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionEventInvokeConfig",
        "GetPolicy",
        "GetProvisionedConcurrencyConfig",
        "ListTags",
        "ListVersionsByFunction",
    ),
    (
        "AddPermission",
        "CreateAlias",
        "CreateFunction",
        "DeleteAlias",
        "DeleteFunction",
        "DeleteFunctionConcurrency",
        "DeleteFunctionEventInvokeConfig",
        "DeleteProvisionedConcurrencyConfig",
        "PublishVersion",
        "PutFunctionConcurrency",
        "PutFunctionEventInvokeConfig",
        "PutProvisionedConcurrencyConfig",
        "RemovePermission",
        *_TAGS,
        "UpdateAlias",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "UpdateFunctionEventInvokeConfig",
    ),
)
EVENT_SOURCES = Needs(
    "lambda",
    ("lambda/eventSourceMapping:EventSourceMapping",),
    ("GetEventSourceMapping",),
    (
        "CreateEventSourceMapping",
        "DeleteEventSourceMapping",
        "UpdateEventSourceMapping",
    ),
)
MACHINE = Needs(
    "states",
    ("sfn/stateMachine:StateMachine", "sfn/alias:Alias"),
    (
        "DescribeStateMachine",
        "DescribeStateMachineAlias",
        "ListStateMachineAliases",
        "ListStateMachineVersions",
        "ListTagsForResource",
    ),
    (
        "CreateStateMachine",
        "CreateStateMachineAlias",
        "DeleteStateMachine",
        "DeleteStateMachineAlias",
        "DeleteStateMachineVersion",
        "PublishStateMachineVersion",
        *_TAGS,
        "UpdateStateMachine",
        "UpdateStateMachineAlias",
    ),
)
TABLE = Needs(
    "dynamodb",
    ("dynamodb/table:Table",),
    ("DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive", "ListTagsOfResource"),
    (
        "CreateTable",
        "DeleteTable",
        *_TAGS,
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
    ),
)
SECRETS = Needs(
    "secretsmanager",
    ("secretsmanager/secret:Secret", "secretsmanager/secretVersion:SecretVersion"),
    # GetSecretValue: the provider compares the current value with the configured one.
    ("DescribeSecret", "GetResourcePolicy", "GetSecretValue"),
    (
        "CreateSecret",
        "DeleteSecret",
        "PutSecretValue",
        *_TAGS,
        "UpdateSecret",
        "UpdateSecretVersionStage",
    ),
)
TOPICS = Needs(
    "sns",
    ("sns/topic:Topic", "sns/topicPolicy:TopicPolicy", "sns/topicSubscription:TopicSubscription"),
    ("GetSubscriptionAttributes", "GetTopicAttributes", "ListTagsForResource"),
    (
        "CreateTopic",
        "DeleteTopic",
        "SetSubscriptionAttributes",
        "SetTopicAttributes",
        "Subscribe",
        *_TAGS,
        "Unsubscribe",
    ),
)
QUEUES = Needs(
    "sqs",
    ("sqs/queue:Queue", "sqs/queuePolicy:QueuePolicy"),
    ("GetQueueAttributes", "GetQueueUrl", "ListQueueTags"),
    ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"),
)
RULES = Needs(
    "events",
    ("cloudwatch/eventRule:EventRule", "cloudwatch/eventTarget:EventTarget"),
    ("DescribeRule", "ListTagsForResource", "ListTargetsByRule"),
    (
        "DeleteRule",
        "PutRule",
        "PutTargets",
        "RemoveTargets",
        *_TAGS,
    ),
)
ALARMS = Needs(
    "cloudwatch",
    (
        "cloudwatch/metricAlarm:MetricAlarm",
        "cloudwatch/compositeAlarm:CompositeAlarm",
        "cloudwatch/dashboard:Dashboard",
    ),
    ("GetDashboard", "ListTagsForResource"),
    (
        "DeleteAlarms",
        "DeleteDashboards",
        "PutCompositeAlarm",
        "PutDashboard",
        "PutMetricAlarm",
        *_TAGS,
    ),
)
LOG_GROUPS = Needs(
    "logs",
    ("cloudwatch/logGroup:LogGroup",),
    ("ListTagsForResource",),
    (
        "AssociateKmsKey",
        "CreateLogGroup",
        "DeleteLogGroup",
        "DeleteRetentionPolicy",
        "DisassociateKmsKey",
        "PutRetentionPolicy",
        *_TAGS,
    ),
)
KEY = Needs(
    "kms",
    ("kms/key:Key",),
    ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"),
    (
        "EnableKeyRotation",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
        "UntagResource",
        "UpdateKeyDescription",
    ),
)
KEY_ALIAS = Needs(
    "kms", ("kms/alias:Alias",), ("ListAliases",), ("CreateAlias", "DeleteAlias", "UpdateAlias")
)
API = Needs(
    "apigateway",
    (
        "apigatewayv2/api:Api",
        "apigatewayv2/authorizer:Authorizer",
        "apigatewayv2/route:Route",
        "apigatewayv2/integration:Integration",
        "apigatewayv2/stage:Stage",
        "apigatewayv2/apiMapping:ApiMapping",
        "apigatewayv2/domainName:DomainName",
    ),
    ("GET",),
    ("DELETE", "PATCH", "POST", "PUT", *_TAGS),
)
USER_POOL = Needs(
    "cognito-idp",
    (
        "cognito/userPool:UserPool",
        "cognito/userPoolClient:UserPoolClient",
        "cognito/userGroup:UserGroup",
    ),
    (
        "DescribeUserPool",
        "DescribeUserPoolClient",
        "GetGroup",
        "GetUserPoolMfaConfig",
        "ListTagsForResource",
    ),
    (
        "CreateGroup",
        "CreateUserPoolClient",
        "DeleteGroup",
        "DeleteUserPool",
        "DeleteUserPoolClient",
        "SetUserPoolMfaConfig",
        "UntagResource",
        "UpdateGroup",
        "UpdateUserPool",
        "UpdateUserPoolClient",
    ),
)
SAVED_QUERIES = Needs(
    "logs",
    ("cloudwatch/queryDefinition:QueryDefinition",),
    ("DescribeQueryDefinitions",),
    ("DeleteQueryDefinition", "PutQueryDefinition"),
)

NEEDS = (
    ROLES,
    FUNCTIONS,
    EVENT_SOURCES,
    MACHINE,
    TABLE,
    SECRETS,
    TOPICS,
    QUEUES,
    RULES,
    ALARMS,
    LOG_GROUPS,
    KEY,
    KEY_ALIAS,
    API,
    USER_POOL,
    SAVED_QUERIES,
)

DELIVERY = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)
"""To switch on an HTTP API's access log (API Gateway Developer Guide: HTTP API logging)."""
