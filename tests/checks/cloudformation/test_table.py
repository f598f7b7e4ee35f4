"""The table's words are the schemas' own, also for what the program does not declare."""

import json
import re
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from hypothesis import given
from hypothesis import strategies as st

from checks.cloudformation import schemas
from checks.cloudformation.mapping import LeftOut, Shape, merge, translated
from checks.cloudformation.table import TABLE
from checks.cloudformation.template import template
from declared.program import DeclaredResource
from policies import resource_types

REGION = "ap-northeast-1"
SHAPES = {type_: shape for type_, shape in TABLE.items() if isinstance(shape, Shape)}
TOPIC = f"arn:aws:sns:{REGION}:123456789012:alerts"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:dead-letters"

ALARM = {
    "name": "failures",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 3.0,
    "datapointsToAlarm": 2.0,
    "threshold": 5.0,
    "treatMissingData": "notBreaching",
    "alarmDescription": "What to do",
    "alarmActions": [TOPIC],
    "okActions": [TOPIC],
}
METRIC = {
    "metricName": "ExecutionsFailed",
    "namespace": "AWS/States",
    "period": 300.0,
    "dimensions": {"StateMachineArn": "arn:aws:states:::x"},
}
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "an alarm on a metric": (resource_types.ALARM, {**ALARM, **METRIC, "statistic": "Sum"}),
    "an alarm on a percentile": (
        resource_types.ALARM,
        {
            **ALARM,
            **METRIC,
            "extendedStatistic": "p95",
            "evaluateLowSampleCountPercentiles": "ignore",
        },
    ),
    "an alarm on a rate": (
        resource_types.ALARM,
        {
            **ALARM,
            "metricQueries": [
                {"id": "rate", "expression": "100 * m", "label": "%", "returnData": True},
                {"id": "m", "metric": {**METRIC, "stat": "Sum"}, "returnData": False},
            ],
        },
    ),
    "a composite alarm": (
        resource_types.COMPOSITE_ALARM,
        {
            "alarmName": "workflow",
            "alarmRule": 'ALARM("failures") OR ALARM("slow")',
            "alarmActions": [TOPIC],
            "okActions": [TOPIC],
            "actionsEnabled": True,
            "actionsSuppressor": {"alarm": "m", "extensionPeriod": 60.0, "waitPeriod": 60.0},
        },
    ),
    "a dashboard": (
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboardName": "workflow", "dashboardBody": '{"widgets": [{"label": "${LABEL}"}]}'},
    ),
    "a saved query": (
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        {"name": "errors", "queryString": "fields @message", "logGroupNames": ["/aws/lambda/x"]},
    ),
    "a queue's function": (
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "eventSourceArn": QUEUE,
            "functionName": f"arn:aws:lambda:{REGION}:123456789012:function:f:live",
            "batchSize": 10.0,
            "maximumBatchingWindowInSeconds": 5.0,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "scalingConfig": {"maximumConcurrency": 2.0},
            "filterCriteria": {"filters": [{"pattern": '{"body": {"a": [1]}}'}]},
        },
    ),
    "a queue with dead letters": (
        resource_types.QUEUE,
        {
            "name": "messages",
            "visibilityTimeoutSeconds": 90.0,
            "sqsManagedSseEnabled": True,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE, "maxReceiveCount": 3}),
        },
    ),
    "a filtered subscription": (
        resource_types.SUBSCRIPTION,
        {
            "topic": TOPIC,
            "protocol": "sqs",
            "endpoint": QUEUE,
            "rawMessageDelivery": True,
            "filterPolicy": '{"status": ["FAILED"]}',
            "redrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE}),
        },
    ),
    "a provider of identities": (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": "https://token.actions.example.com", "clientIdLists": ["sts.amazonaws.com"]},
    ),
}


def resource(type_: str, inputs: dict[str, Any], name: str = "one") -> DeclaredResource:
    """A declared resource."""
    urn = f"urn:pulumi:prod::goal-mandala::{type_}::{name}"
    return DeclaredResource(type_, name, urn, "", inputs)


def found(*resources: DeclaredResource) -> list[str]:
    """What the schemas object to."""
    return [str(each) for each in schemas.findings(template(resources), REGION)]


@pytest.mark.parametrize(("type_", "inputs"), SAMPLES.values(), ids=SAMPLES)
def test_what_may_be_declared_is_said_in_the_schemas_words(
    type_: str, inputs: dict[str, Any]
) -> None:
    assert found(resource(type_, inputs)) == []


@pytest.mark.parametrize(("type_", "inputs"), SAMPLES.values(), ids=SAMPLES)
def test_every_input_is_looked_at(type_: str, inputs: dict[str, Any]) -> None:
    whole = template([resource(type_, inputs)]).resources["One"]["Properties"]
    for name in inputs:
        less = {key: value for key, value in inputs.items() if key != name}
        assert template([resource(type_, less)]).resources["One"]["Properties"] != whole


@pytest.mark.parametrize("type_", SHAPES)
def test_the_tables_names_and_outputs_are_in_the_schema(type_: str) -> None:
    shape = SHAPES[type_]
    schema: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, shape.type)
    for path, said in shape.names.items():
        if isinstance(said, str) and "." not in path:
            assert said.partition(".")[0] in schema.schema["properties"]
    for form in shape.outputs.values():
        for attribute in re.findall(r"\$\{%\.(\w+)\}", form):
            assert attribute in schema.get_atts


def test_what_is_left_out_says_why() -> None:
    left_out = [
        said for row in TABLE.values() for said in row.names.values() if isinstance(said, LeftOut)
    ]
    assert left_out
    assert all(len(said.reason.split()) > 3 for said in left_out)


def test_a_reference_becomes_a_function_and_braces_of_others_stay() -> None:
    body = '{"label": "${LABEL} of ${Api}", "region": "${AWS::Region}"}'
    dashboard = resource(
        "aws:cloudwatch/dashboard:Dashboard", {"dashboardName": "${Api}", "dashboardBody": body}
    )
    made = template([dashboard, resource(resource_types.API, {"protocolType": "HTTP"}, "api")])
    assert made.resources["One"]["Properties"] == {
        "DashboardName": {"Ref": "Api"},
        "DashboardBody": {"Fn::Sub": body.replace("${LABEL}", "${!LABEL}")},
    }


def test_names_that_differ_in_no_letter_are_told() -> None:
    topics = [resource(resource_types.TOPIC, {"name": "a"}, name) for name in ("a-b", "a_b")]
    (problem,) = found(*topics)
    assert "a-b has the same letters and digits" in problem


def test_an_objects_part_without_a_whole_is_told() -> None:
    target = resource(resource_types.EVENT_TARGET, {"rule": "nowhere", "arn": QUEUE})
    assert found(target) == [f"cfn-lint no-words: one: no {resource_types.EVENT_RULE} has its rule"]


NAME = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.booleans() | st.text(max_size=3) | st.integers(-9, 9).map(float),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=6,
)


def back(value: Any) -> Any:
    """Names as they were before they were capitalised; floating numbers again."""
    items: Any = value
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: back(each) for name, each in items.items()}
    if isinstance(value, list):
        return [back(each) for each in items]
    return float(value) if type(value) is int else value


@given(st.dictionaries(NAME, VALUES, max_size=4))
def test_without_other_words_every_name_is_capitalised_and_nothing_lost(
    inputs: dict[str, Any],
) -> None:
    made = translated({}, inputs)
    assert all(name[0].isupper() for name in made)
    assert back(made) == inputs


@given(
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers())),
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers())),
)
def test_merged_objects_hold_both(one: dict[str, list[int]], other: dict[str, list[int]]) -> None:
    merged: dict[str, Any] = {}
    merge(merged, one)
    merge(merged, other)
    names = one.keys() | other.keys()
    assert merged == {name: [*one.get(name, []), *other.get(name, [])] for name in names}


def test_whole_numbers_are_whole() -> None:
    assert repr(translated({}, {"a": 3.0, "b": [0.5], "c": True})) == repr(
        {"A": 3, "B": [0.5], "C": True}
    )


def test_two_values_of_one_property_are_refused() -> None:
    with pytest.raises(ValueError, match="two values of A"):
        merge({"A": 1}, {"A": 2})
