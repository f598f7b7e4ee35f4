"""Alarms, dashboards and saved queries are created, read back, changed and deleted."""

import json
from typing import Any
from uuid import uuid4

import pytest

from localcloud.provision.provisioner import Clients
from localcloud.provision.table import PROVISIONERS
from tests.localcloud.provision.conftest import Declares

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:workflow-alerts-local"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"


def rate(threshold: float = 10.0) -> dict[str, Any]:
    metric = {
        "namespace": "AWS/States",
        "metricName": "ExecutionsFailed",
        "dimensions": {"StateMachineArn": "arn:aws:states:ap-northeast-1:123456789012:m"},
        "stat": "Sum",
        "period": 300,
    }
    return {
        "name": f"rate-{uuid4().hex[:8]}",
        "alarmDescription": "失敗が多い\ndocs/runbook.md#rate",
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": threshold,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "treatMissingData": "notBreaching",
        "metricQueries": [
            {"id": "failed", "metric": metric, "returnData": False},
            {"id": "rate", "expression": "FILL(failed, 0)", "label": "rate", "returnData": True},
        ],
        "tags": {"Team": "goals"},
    }


@pytest.fixture
def alarm_name(declare: Declares) -> str:
    id_, outputs = declare(ALARM, **rate())
    assert outputs["arn"].endswith(f":alarm:{id_}")
    return id_


def test_an_alarm_on_one_metric_has_its_dimensions_and_actions(
    declare: Declares, clients: Clients
) -> None:
    id_, _ = declare(
        ALARM,
        name=f"depth-{uuid4().hex[:8]}",
        namespace="AWS/SQS",
        metricName="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": "dead-letters"},
        statistic="Maximum",
        period=60.0,
        evaluationPeriods=1.0,
        threshold=0.5,
        comparisonOperator="GreaterThanThreshold",
        treatMissingData="breaching",
        alarmActions=[TOPIC],
        okActions=[TOPIC],
    )
    [held] = clients("cloudwatch").describe_alarms(AlarmNames=[id_])["MetricAlarms"]
    assert held["AlarmActions"] == [TOPIC]
    assert held["Dimensions"] == [{"Name": "QueueName", "Value": "dead-letters"}]


def test_an_alarm_on_metric_math_is_changed_in_place(
    alarm_name: str, declare: Declares, clients: Clients
) -> None:
    provisioner, old = PROVISIONERS[ALARM], {**rate(), "name": alarm_name}
    assert provisioner.update is not None
    provisioner.update(clients, alarm_name, {**old, "threshold": 20.0}, old)
    read = provisioner.read(clients, alarm_name, old)
    assert read["threshold"] == 20
    assert read["metricQueries"] == old["metricQueries"]
    assert read["tags"] == {"Team": "goals"}


def test_a_composite_alarm_is_created_and_deleted(
    alarm_name: str, declare: Declares, clients: Clients
) -> None:
    id_, outputs = declare(
        COMPOSITE,
        alarmName=f"outage-{uuid4().hex[:8]}",
        alarmRule=f'ALARM("{alarm_name}")',
        alarmDescription="障害",
        alarmActions=[TOPIC],
        okActions=[TOPIC],
        tags={"Team": "goals"},
    )
    assert outputs["arn"].endswith(id_)
    provisioner = PROVISIONERS[COMPOSITE]
    assert provisioner.delete is not None
    provisioner.delete(clients, id_, {})
    assert clients("cloudwatch").describe_alarms(AlarmNames=[id_])["CompositeAlarms"] == []


def test_a_dashboard_is_held_as_written(declare: Declares, clients: Clients) -> None:
    body = {"widgets": [{"type": "text", "properties": {"markdown": "# 稼働状況 <&>"}}]}
    id_, outputs = declare(
        DASHBOARD, dashboardName=f"board-{uuid4().hex[:8]}", dashboardBody=json.dumps(body)
    )
    assert outputs["dashboardArn"].endswith(f":dashboard/{id_}")
    provisioner, emptied = PROVISIONERS[DASHBOARD], {"dashboardName": id_, "dashboardBody": "{}"}
    assert provisioner.update is not None
    assert provisioner.delete is not None
    provisioner.update(clients, id_, emptied, {})
    assert provisioner.read(clients, id_, {})["dashboardBody"] == "{}"
    provisioner.delete(clients, id_, {})
    assert all(
        each["DashboardName"] != id_
        for each in clients("cloudwatch").list_dashboards()["DashboardEntries"]
    )


def test_a_saved_query_can_be_found_changed_and_deleted(
    declare: Declares, clients: Clients
) -> None:
    logs, name = clients("logs"), f"goal-mandala/{uuid4().hex[:8]}"
    declared = {"name": name, "queryString": "fields @timestamp\n| limit 5", "logGroupNames": ["a"]}
    id_, outputs = declare(QUERY, **declared)
    assert outputs["queryDefinitionId"] == id_
    provisioner = PROVISIONERS[QUERY]
    assert provisioner.update is not None
    assert provisioner.delete is not None
    provisioner.update(clients, id_, {**declared, "queryString": "limit 1"}, declared)
    [found] = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    assert (found["queryDefinitionId"], found["queryString"]) == (id_, "limit 1")
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_query_definition(name=name, queryString="limit 2")
    provisioner.delete(clients, id_, declared)
    found = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    assert found == []
