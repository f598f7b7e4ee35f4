"""Pulumi's type tokens of what the policies look at."""

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
API = "aws:apigatewayv2/api:Api"
AUTHORIZER = "aws:apigatewayv2/authorizer:Authorizer"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_SOURCE_MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FUNCTION = "aws:lambda/function:Function"
FUNCTION_ALIAS = "aws:lambda/alias:Alias"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
INTEGRATION = "aws:apigatewayv2/integration:Integration"
INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
KEY = "aws:kms/key:Key"
KEY_ALIAS = "aws:kms/alias:Alias"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
MACHINE = "aws:sfn/stateMachine:StateMachine"
MACHINE_ALIAS = "aws:sfn/alias:Alias"
PERMISSION = "aws:lambda/permission:Permission"
QUERY_DEFINITION = "aws:cloudwatch/queryDefinition:QueryDefinition"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROUTE = "aws:apigatewayv2/route:Route"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type
STACK = "pulumi:pulumi:Stack"
STAGE = "aws:apigatewayv2/stage:Stage"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TABLE = "aws:dynamodb/table:Table"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
USER_POOL = "aws:cognito/userPool:UserPool"
USER_POOL_CLIENT = "aws:cognito/userPoolClient:UserPoolClient"

COMPUTED: dict[str, tuple[str, ...]] = {
    FUNCTION: ("loggingConfig",),
    QUEUE: ("policy",),
    ROLE: ("inlinePolicies", "managedPolicyArns"),
    SECRET: ("policy",),
    TOPIC: ("policy",),
}
"""What the AWS provider fills in where the program says nothing. A stack policy is given outputs,
where these are unknown in a preview; a resource policy is given inputs, and judges those."""
