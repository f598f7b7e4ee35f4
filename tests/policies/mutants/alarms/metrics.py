"""Mutants for `policies.rules.alarms.metrics`."""

import json
from typing import Any

from policies.stack import resource_types
from tests.policies.added_alarm import alarm
from tests.policies.mutate import (
    UNKNOWN,
    Change,
    Mutant,
    all_changes,
    declare,
    edit_input,
    set_input,
    set_source,
    unchanged,
)
from tests.policies.names import MACHINE

FAILURE_RATE = "alarms-workflow-failure-rate-high"
START_ERRORS = "alarms-lambda-error-rate-high-workflow-start"
API_ERRORS = "alarms-api-error-rate-high"
_METRIC = "metricQueries.0.metric"


def dashboard(*line: Any) -> Change:
    """One dashboard more, with one line."""
    widget = {"type": "metric", "properties": {"metrics": [list(line)], "region": "ap-northeast-1"}}
    inputs = {"dashboardName": "d", "dashboardBody": json.dumps({"widgets": [widget]})}
    return declare(resource_types.DASHBOARD, "more", inputs)


def metric_filter(group: str, namespace: str) -> Change:
    """A metric filter."""
    counted = {"name": "Refused", "namespace": namespace, "value": "1"}
    inputs = {"logGroupName": group, "pattern": "refused", "metricTransformation": counted}
    return declare(resource_types.METRIC_FILTER, "refused", inputs)


def states(**changed: Any) -> Change:
    """An alarm on a metric of the state machine."""
    machine = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:TaskGenerationWorkflow-prod"
    inputs = {
        "namespace": "AWS/States",
        "metricName": "ExecutionsFailed",
        "dimensions": {"StateMachineArn": machine},
    }
    return alarm(**{**inputs, **changed})


_EXISTS, _DIMENSIONS = "alarm-metric-exists", "alarm-dimensions"
_GROUP = "/aws/lambda/goal-mandala-prod-workflow-start"

MUTANTS = (
    Mutant(_EXISTS, "ExecutionsFailled", states(metricName="ExecutionsFailled")),
    Mutant(_EXISTS, "a namespace of no service", states(namespace="AWS/StepFunctions")),
    Mutant(
        _EXISTS,
        "a misspelt metric in a query",
        set_input(FAILURE_RATE, f"{_METRIC}.metricName", "ExecutionFailed"),
    ),
    Mutant(
        _EXISTS,
        "a metric that no handler emits",
        alarm(namespace="GoalMandala/Workflow", metricName="DeadlineCut", dimensions={}),
    ),
    Mutant(_EXISTS, "a dashboard of a misspelt metric", dashboard("AWS/Lambda", "Error")),
    Mutant(_EXISTS, "a dashboard of a metric", dashboard("AWS/Lambda", "Errors"), near_miss=True),
    Mutant(_EXISTS, "aborted executions", states(metricName="ExecutionsAborted"), near_miss=True),
    Mutant(
        _EXISTS,
        "an alarm on the metric of a metric filter",
        all_changes(metric_filter(_GROUP, "Own"), alarm(namespace="Own", metricName="Refused")),
        near_miss=True,
    ),
    Mutant(
        _DIMENSIONS,
        "an alarm on a function that nobody declares",
        set_input(START_ERRORS, f"{_METRIC}.dimensions.FunctionName", "goal-mandala-prod-begin"),
    ),
    Mutant(
        _DIMENSIONS,
        "an alarm on another stack's state machine",
        edit_input(
            FAILURE_RATE,
            f"{_METRIC}.dimensions.StateMachineArn",
            lambda old: old.replace("prod", "dev"),
        ),
    ),
    Mutant(
        _DIMENSIONS,
        "a dimension of another service",
        states(dimensions={"FunctionName": "goal-mandala-prod-workflow-start"}),
    ),
    Mutant(_DIMENSIONS, "a machine's metric without its machine", states(dimensions={})),
    Mutant(
        _DIMENSIONS,
        "a table's account-wide metric by table",
        alarm(
            namespace="AWS/DynamoDB",
            metricName="UserErrors",
            dimensions={"TableName": "WorkflowExecution-prod"},
        ),
    ),
    Mutant(
        _DIMENSIONS,
        "an index that the table does not have",
        alarm(
            namespace="AWS/DynamoDB",
            metricName="ReadThrottleEvents",
            dimensions={"TableName": "WorkflowExecution-prod", "GlobalSecondaryIndexName": "goal"},
        ),
    ),
    Mutant(
        _DIMENSIONS,
        "an API's id that is not this API's",
        set_input(API_ERRORS, f"{_METRIC}.dimensions.ApiId", "a1b2c3d4e5"),
    ),
    Mutant(
        _DIMENSIONS,
        "an API's id that comes from elsewhere",
        all_changes(
            set_source(API_ERRORS, "metricQueries", "keys-key"),
        ),
    ),
    Mutant(
        _DIMENSIONS,
        "the metrics of another stack's handlers",
        set_input("alarms-table-user-errors", f"{_METRIC}.dimensions.environment", "dev"),
    ),
    Mutant(
        _DIMENSIONS,
        "an error code that no handler sends",
        set_input(
            "alarms-model-failure-rate-high",
            "metricQueries.1.metric.dimensions.errorCode",
            "MODEL_THROTLED",
        ),
    ),
    Mutant(
        _DIMENSIONS,
        "a queue that nobody declares",
        set_input("alarms-slack-dead-letters", f"{_METRIC}.dimensions.QueueName", "slack"),
    ),
    Mutant(
        _DIMENSIONS,
        "an operation that DynamoDB does not have",
        set_input("alarms-table-system-errors", f"{_METRIC}.dimensions.Operation", "GetItems"),
    ),
    Mutant(_DIMENSIONS, "an alarm on all functions", alarm(), near_miss=True),
    Mutant(
        _DIMENSIONS,
        "one route of the API",
        all_changes(
            alarm(
                namespace="AWS/ApiGateway",
                metricName="Count",
                dimensions={
                    "ApiId": UNKNOWN,
                    "Stage": "$default",
                    "Method": "GET",
                    "Resource": "/health",
                },
            ),
            set_source("errors", "dimensions", "api-api"),
        ),
        near_miss=True,
    ),
    Mutant(
        _DIMENSIONS,
        "a quota's usage",
        alarm(
            namespace="AWS/Usage",
            metricName="ResourceCount",
            dimensions={
                "Service": "Lambda",
                "Type": "Resource",
                "Resource": "ConcurrentExecutions",
                "Class": "None",
            },
        ),
        near_miss=True,
    ),
    Mutant(
        _DIMENSIONS,
        "an alarm on one alias",
        alarm(
            dimensions={
                "FunctionName": "goal-mandala-prod-workflow-start",
                "Resource": "goal-mandala-prod-workflow-start:live",
            }
        ),
        near_miss=True,
    ),
    Mutant(
        _DIMENSIONS,
        "the API's id, not known yet",
        set_input(API_ERRORS, f"{_METRIC}.dimensions.ApiId", UNKNOWN),
        near_miss=True,
    ),
    Mutant(
        "alarm-metric-filter", "a filter of an undeclared group", metric_filter("/other", "Own")
    ),
    Mutant("alarm-metric-filter", "a filter that writes to AWS/", metric_filter(_GROUP, "AWS/X")),
    Mutant("alarm-metric-filter", "a metric filter", metric_filter(_GROUP, "Own"), near_miss=True),
    Mutant(
        "alarm-query-log-groups",
        "a saved query of a log group that nobody declares",
        set_input("observability-failed-actions", "logGroupNames.0", "/aws/lambda/finish"),
    ),
    Mutant(
        "alarm-query-log-groups",
        "a saved query of no log group",
        set_input("observability-failed-actions", "logGroupNames", []),
    ),
    Mutant(
        "alarm-query-log-groups",
        "one saved query more",
        declare(
            resource_types.QUERY_DEFINITION,
            "slow",
            {"name": "slow", "logGroupNames": [_GROUP], "queryString": "fields @message"},
            after=(MACHINE,),
        ),
        near_miss=True,
    ),
    Mutant("alarm-query-log-groups", "the program as it is", unchanged, near_miss=True),
)
