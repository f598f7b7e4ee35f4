"""The metrics that AWS publishes, as far as a stack of this kind has their resources.

Sources, read 2026-11: AWS Lambda Developer Guide, types of metrics; AWS Step Functions Developer
Guide, metrics for CloudWatch; Amazon DynamoDB Developer Guide, metrics and dimensions; Amazon SQS
Developer Guide, available CloudWatch metrics; Amazon SNS Developer Guide, metrics and dimensions;
Amazon API Gateway Developer Guide, metrics of HTTP APIs, dimensions and metrics (REST APIs); Amazon
EventBridge User Guide, monitoring; Amazon CloudWatch Logs User Guide, monitoring with metrics;
Amazon Cognito Developer Guide, metrics of user pools; Amazon Bedrock User Guide, runtime metrics;
Amazon CloudWatch User Guide, AWS usage metrics; AWS Backup Developer Guide,
monitoring with CloudWatch.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a metric are, which decides the statistics that mean something."""

    EVENT = "number of events"
    """Each value is 0 or 1: the sum counts, the average is a share from 0 to 1."""
    AMOUNT = "amount"
    """Values add up: bytes, tokens, capacity units, US dollars."""
    LEVEL = "level"
    """A level at a point in time: values do not add up."""
    MILLISECONDS = "time in milliseconds"
    SECONDS = "time in seconds"
    PERCENT = "percentage"
    SHARE = "share from 0 to 1"


@dataclass(frozen=True)
class Published:
    """One metric: the sets of dimensions under which it exists.

    wanted: much of it is good, or no sign of a fault; of any other metric, less is better.
    """

    kind: Kind
    dimensions: frozenset[frozenset[str]]
    wanted: bool


_FUNCTION = " | FunctionName | FunctionName Resource | ExecutedVersion FunctionName Resource"
_MACHINE = "StateMachineArn | Alias StateMachineArn | StateMachineArn Version"
_TABLE = "TableName | GlobalSecondaryIndexName TableName"
_HTTP = "ApiId | ApiId Stage | ApiId Method Resource Stage"
_REST = "ApiName | ApiName Stage | ApiName Method Resource Stage"
_RULE = " | RuleName | EventBusName | EventBusName RuleName"
_VAULT = "BackupVaultName | ResourceType | BackupVaultName ResourceType"
_CLIENT = "UserPool UserPoolClient"
_TIME, _LEVEL, _EVENT, _AMOUNT = Kind.MILLISECONDS, Kind.LEVEL, Kind.EVENT, Kind.AMOUNT

_ROWS = (
    # namespace, sets of dimensions, kind, wanted, names
    ("AWS/Lambda", _FUNCTION, _EVENT, True, "Invocations ProvisionedConcurrencyInvocations"),
    (
        "AWS/Lambda",
        _FUNCTION,
        _EVENT,
        False,
        "Errors Throttles DeadLetterErrors DestinationDeliveryFailures AsyncEventsDropped"
        " ProvisionedConcurrencySpilloverInvocations RecursiveInvocationsDropped",
    ),
    ("AWS/Lambda", _FUNCTION, _EVENT, True, "AsyncEventsReceived"),
    (
        "AWS/Lambda",
        _FUNCTION,
        _TIME,
        False,
        "Duration PostRuntimeExtensionsDuration AsyncEventAge IteratorAge",
    ),
    (
        "AWS/Lambda",
        _FUNCTION,
        _LEVEL,
        False,
        "ConcurrentExecutions ProvisionedConcurrentExecutions OffsetLag",
    ),
    ("AWS/Lambda", "", _LEVEL, False, "UnreservedConcurrentExecutions ClaimedAccountConcurrency"),
    (
        "AWS/Lambda",
        "FunctionName Resource | ExecutedVersion FunctionName Resource",
        Kind.SHARE,
        False,
        "ProvisionedConcurrencyUtilization",
    ),
    (
        "AWS/States",
        _MACHINE,
        _EVENT,
        True,
        "ExecutionsStarted ExecutionsSucceeded ExecutionsRedriven RedrivenExecutionsSucceeded",
    ),
    (
        "AWS/States",
        _MACHINE,
        _EVENT,
        False,
        "ExecutionsFailed ExecutionsTimedOut ExecutionsAborted ExecutionThrottled"
        " RedrivenExecutionsFailed RedrivenExecutionsTimedOut RedrivenExecutionsAborted",
    ),
    ("AWS/States", _MACHINE, _TIME, False, "ExecutionTime"),
    (
        "AWS/States",
        "LambdaFunctionArn",
        _EVENT,
        False,
        "LambdaFunctionsFailed LambdaFunctionsTimedOut",
    ),
    (
        "AWS/States",
        "LambdaFunctionArn",
        _EVENT,
        True,
        "LambdaFunctionsScheduled LambdaFunctionsStarted LambdaFunctionsSucceeded",
    ),
    (
        "AWS/States",
        "LambdaFunctionArn",
        _TIME,
        False,
        "LambdaFunctionRunTime LambdaFunctionScheduleTime LambdaFunctionTime",
    ),
    (
        "AWS/DynamoDB",
        _TABLE,
        _EVENT,
        False,
        "ReadThrottleEvents WriteThrottleEvents ReadAccountLimitThrottleEvents"
        " WriteAccountLimitThrottleEvents ReadKeyRangeThroughputThrottleEvents"
        " WriteKeyRangeThroughputThrottleEvents ReadProvisionedThroughputThrottleEvents"
        " WriteProvisionedThroughputThrottleEvents ReadMaxOnDemandThroughputThrottleEvents"
        " WriteMaxOnDemandThroughputThrottleEvents",
    ),
    (
        "AWS/DynamoDB",
        _TABLE,
        _AMOUNT,
        False,
        "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits",
    ),
    (
        "AWS/DynamoDB",
        _TABLE,
        _LEVEL,
        True,
        "ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits",
    ),
    (
        "AWS/DynamoDB",
        "TableName",
        _EVENT,
        False,
        "ConditionalCheckFailedRequests TransactionConflict",
    ),
    ("AWS/DynamoDB", "TableName", _AMOUNT, True, "TimeToLiveDeletedItemCount"),
    ("AWS/DynamoDB", "Operation TableName", _EVENT, False, "SystemErrors ThrottledRequests"),
    ("AWS/DynamoDB", "Operation TableName", _TIME, False, "SuccessfulRequestLatency"),
    ("AWS/DynamoDB", "Operation TableName", _AMOUNT, True, "ReturnedItemCount"),
    ("AWS/DynamoDB", "", _EVENT, False, "UserErrors"),
    (
        "AWS/DynamoDB",
        "",
        Kind.PERCENT,
        False,
        "AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization"
        " MaxProvisionedTableReadCapacityUtilization MaxProvisionedTableWriteCapacityUtilization",
    ),
    (
        "AWS/SQS",
        "QueueName",
        _LEVEL,
        False,
        "ApproximateNumberOfMessagesVisible ApproximateNumberOfMessagesNotVisible"
        " ApproximateNumberOfMessagesDelayed",
    ),
    ("AWS/SQS", "QueueName", Kind.SECONDS, False, "ApproximateAgeOfOldestMessage"),
    (
        "AWS/SQS",
        "QueueName",
        _AMOUNT,
        True,
        "NumberOfMessagesSent NumberOfMessagesReceived NumberOfMessagesDeleted"
        " NumberOfEmptyReceives SentMessageSize",
    ),
    (
        "AWS/SNS",
        "TopicName",
        _AMOUNT,
        True,
        "NumberOfMessagesPublished NumberOfNotificationsDelivered PublishSize"
        " NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-MessageAttributes"
        " NumberOfNotificationsFilteredOut-MessageBody NumberOfNotificationsRedrivenToDlq",
    ),
    (
        "AWS/SNS",
        "TopicName",
        _EVENT,
        False,
        "NumberOfNotificationsFailed NumberOfNotificationsFailedToRedriveToDlq"
        " NumberOfNotificationsFilteredOut-InvalidAttributes"
        " NumberOfNotificationsFilteredOut-InvalidMessageBody",
    ),
    ("AWS/ApiGateway", _HTTP, _EVENT, False, "4xx 5xx"),
    ("AWS/ApiGateway", _HTTP, _AMOUNT, True, "DataProcessed"),
    ("AWS/ApiGateway", _REST, _EVENT, False, "4XXError 5XXError CacheMissCount"),
    ("AWS/ApiGateway", _REST, _EVENT, True, "CacheHitCount"),
    ("AWS/ApiGateway", f"{_HTTP} | {_REST}", _EVENT, True, "Count"),
    ("AWS/ApiGateway", f"{_HTTP} | {_REST}", _TIME, False, "Latency IntegrationLatency"),
    (
        "AWS/Events",
        _RULE,
        _EVENT,
        True,
        "Invocations TriggeredRules MatchedEvents InvocationAttempts"
        " SuccessfulInvocationAttempts InvocationsCreated",
    ),
    (
        "AWS/Events",
        _RULE,
        _EVENT,
        False,
        "FailedInvocations ThrottledRules InvocationsSentToDlq InvocationsFailedToBeSentToDlq"
        " RetryInvocationAttempts",
    ),
    (
        "AWS/Events",
        _RULE,
        _TIME,
        False,
        "IngestionToInvocationStartLatency IngestionToInvocationCompleteLatency",
    ),
    ("AWS/Backup", _VAULT, _EVENT, True, "NumberOfBackupJobsCompleted NumberOfBackupJobsCreated"),
    (
        "AWS/Backup",
        _VAULT,
        _EVENT,
        False,
        "NumberOfBackupJobsFailed NumberOfBackupJobsExpired NumberOfBackupJobsAborted",
    ),
    ("AWS/Logs", " | LogGroupName", _AMOUNT, True, "IncomingBytes IncomingLogEvents"),
    ("AWS/Logs", "LogGroupName", _EVENT, False, "EMFParsingErrors EMFValidationErrors"),
    (
        "AWS/Cognito",
        _CLIENT,
        _EVENT,
        True,
        "SignInSuccesses SignUpSuccesses TokenRefreshSuccesses FederationSuccesses",
    ),
    (
        "AWS/Cognito",
        _CLIENT,
        _EVENT,
        False,
        "SignInThrottles SignUpThrottles TokenRefreshThrottles FederationThrottles",
    ),
    ("AWS/Usage", "Class Resource Service Type", _LEVEL, False, "ResourceCount"),
    ("AWS/Usage", "Class Resource Service Type", _AMOUNT, True, "CallCount"),
    ("AWS/Bedrock", " | ModelId", _EVENT, True, "Invocations"),
    (
        "AWS/Bedrock",
        " | ModelId",
        _EVENT,
        False,
        "InvocationClientErrors InvocationServerErrors InvocationThrottles",
    ),
    ("AWS/Bedrock", " | ModelId", _TIME, False, "InvocationLatency TimeToFirstToken"),
    ("AWS/Bedrock", " | ModelId", _AMOUNT, False, "InputTokenCount OutputTokenCount"),
)

AWS_METRICS = {
    (namespace, name): Published(
        kind, frozenset(frozenset(each.split()) for each in sets.split("|")), wanted
    )
    for namespace, sets, kind, wanted, names in _ROWS
    for name in names.split()
}
"""(namespace, name) -> the metric."""
