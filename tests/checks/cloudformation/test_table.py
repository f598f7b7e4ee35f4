"""The table has the schemas' names, also for what the program does not declare."""

import json
import re
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from hypothesis import given
from hypothesis import strategies as st

from checks.cloudformation.mapping import Omitted, ResourceMapping, merge, properties_of
from checks.cloudformation.table import TABLE
from checks.cloudformation.template import template
from checks.linters import schemas
from declared.resources import DeclaredResource
from policies.stack import resource_types

REGION = "ap-northeast-1"
MAPPINGS = {
    type_: mapping for type_, mapping in TABLE.items() if isinstance(mapping, ResourceMapping)
}
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
    """What cfn-lint finds."""
    return [str(each) for each in schemas.findings(template(resources), REGION)]


@pytest.mark.parametrize(("type_", "inputs"), SAMPLES.values(), ids=SAMPLES)
def test_a_sample_is_valid_by_its_schema(type_: str, inputs: dict[str, Any]) -> None:
    assert found(resource(type_, inputs)) == []


@pytest.mark.parametrize(("type_", "inputs"), SAMPLES.values(), ids=SAMPLES)
def test_every_input_reaches_the_template(type_: str, inputs: dict[str, Any]) -> None:
    whole = template([resource(type_, inputs)]).resources["One"]["Properties"]
    for name in inputs:
        less = {key: value for key, value in inputs.items() if key != name}
        assert template([resource(type_, less)]).resources["One"]["Properties"] != whole


@pytest.mark.parametrize("type_", MAPPINGS)
def test_the_tables_names_and_outputs_are_in_the_schema(type_: str) -> None:
    mapping = MAPPINGS[type_]
    schema: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, mapping.type)
    for path, name in mapping.names.items():
        if isinstance(name, str) and "." not in path:
            assert name.partition(".")[0] in schema.schema["properties"]
    for form in mapping.outputs.values():
        for attribute in re.findall(r"\$\{%\.(\w+)\}", form):
            assert attribute in schema.get_atts


def test_every_omitted_input_has_a_reason() -> None:
    omitted = [
        each for row in TABLE.values() for each in row.names.values() if isinstance(each, Omitted)
    ]
    assert omitted
    assert all(len(each.reason.split()) > 3 for each in omitted)


def test_a_reference_becomes_a_function_and_other_braces_are_escaped() -> None:
    body = '{"label": "${LABEL} of ${Api}", "region": "${AWS::Region}"}'
    dashboard = resource(
        "aws:cloudwatch/dashboard:Dashboard", {"dashboardName": "${Api}", "dashboardBody": body}
    )
    whole = template([dashboard, resource(resource_types.API, {"protocolType": "HTTP"}, "api")])
    assert whole.resources["One"]["Properties"] == {
        "DashboardName": {"Ref": "Api"},
        "DashboardBody": {"Fn::Sub": body.replace("${LABEL}", "${!LABEL}")},
    }


def test_two_names_with_the_same_letters_are_reported() -> None:
    topics = [resource(resource_types.TOPIC, {"name": "a"}, name) for name in ("a-b", "a_b")]
    (problem,) = found(*topics)
    assert "a-b has the same letters and digits" in problem


def test_a_property_without_its_owner_is_reported() -> None:
    target = resource(resource_types.EVENT_TARGET, {"rule": "nowhere", "arn": QUEUE})
    assert found(target) == [f"cfn-lint unmapped: one: no {resource_types.EVENT_RULE} has its rule"]


NAME = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.booleans() | st.text(max_size=3) | st.integers(-9, 9).map(float),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=6,
)


def inputs_of(value: Any) -> Any:
    """Inputs again: names not capitalised, numbers as floats."""
    items: Any = value
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: inputs_of(each) for name, each in items.items()}
    if isinstance(value, list):
        return [inputs_of(each) for each in items]
    return float(value) if type(value) is int else value


@given(st.dictionaries(NAME, VALUES, max_size=4))
def test_without_entries_every_name_is_capitalised_and_nothing_is_lost(
    inputs: dict[str, Any],
) -> None:
    properties = properties_of({}, inputs)
    assert all(name[0].isupper() for name in properties)
    assert inputs_of(properties) == inputs


@given(
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers())),
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers())),
)
def test_merged_objects_have_the_items_of_both(
    one: dict[str, list[int]], other: dict[str, list[int]]
) -> None:
    merged: dict[str, Any] = {}
    merge(merged, one)
    merge(merged, other)
    names = one.keys() | other.keys()
    assert merged == {name: [*one.get(name, []), *other.get(name, [])] for name in names}


def test_a_whole_number_becomes_an_integer() -> None:
    assert repr(properties_of({}, {"a": 3.0, "b": [0.5], "c": True})) == repr(
        {"A": 3, "B": [0.5], "C": True}
    )


def test_two_values_of_one_property_are_refused() -> None:
    with pytest.raises(ValueError, match="two values of A"):
        merge({"A": 1}, {"A": 2})
