"""Alarms, dashboards and query definitions."""

from typing import Any

from localcloud.provision.provisioner import (
    Clients,
    Properties,
    from_api,
    from_key_values,
    key_values,
    to_api,
)

_ACTIONS = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "insufficientDataActions": "InsufficientDataActions",
    "okActions": "OKActions",
}
_ALARM = {
    **_ACTIONS,
    "name": "AlarmName",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}
_COMPOSITE = {**_ACTIONS, "alarmName": "AlarmName", "alarmRule": "AlarmRule"}
_QUERY = {"id": "Id", "expression": "Expression", "label": "Label", "returnData": "ReturnData"}
_QUERY_DEFINITION = {
    "name": "name",
    "queryString": "queryString",
    "logGroupNames": "logGroupNames",
}


def create_alarm(clients: Clients, declared: Properties) -> str:
    """PutMetricAlarm."""
    request = to_api(declared, _ALARM)
    if dimensions := declared.get("dimensions"):
        request["Dimensions"] = key_values(dimensions, "Name")
    if queries := declared.get("metricQueries"):
        request["Metrics"] = [_query(each) for each in queries]
    clients("cloudwatch").put_metric_alarm(**request, **_tags(declared))
    return declared["name"]


def update_alarm(clients: Clients, _name: str, declared: Properties, _old: Properties) -> None:
    """PutMetricAlarm, which replaces the alarm."""
    create_alarm(clients, declared)


def read_alarm(clients: Clients, name: str, declared: Properties) -> Properties:
    """DescribeAlarms, and the alarm's tags."""
    alarm = _described(clients, name, "MetricAlarm")
    return {
        **from_api(alarm, _ALARM),
        **_read_tags(clients, alarm, declared),
        "arn": alarm["AlarmArn"],
        "dimensions": from_key_values(alarm.get("Dimensions", []), "Name"),
        "metricQueries": [_read_query(each) for each in alarm.get("Metrics", [])],
    }


def create_composite(clients: Clients, declared: Properties) -> str:
    """PutCompositeAlarm."""
    clients("cloudwatch").put_composite_alarm(**to_api(declared, _COMPOSITE), **_tags(declared))
    return declared["alarmName"]


def update_composite(clients: Clients, _name: str, declared: Properties, _old: Properties) -> None:
    """PutCompositeAlarm, which replaces the alarm."""
    create_composite(clients, declared)


def read_composite(clients: Clients, name: str, declared: Properties) -> Properties:
    """DescribeAlarms, and the alarm's tags."""
    alarm = _described(clients, name, "CompositeAlarm")
    return {
        **from_api(alarm, _COMPOSITE),
        **_read_tags(clients, alarm, declared),
        "arn": alarm["AlarmArn"],
    }


def delete_alarm(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteAlarms, for metric and composite alarms."""
    clients("cloudwatch").delete_alarms(AlarmNames=[name])


def create_dashboard(clients: Clients, declared: Properties) -> str:
    """PutDashboard."""
    clients("cloudwatch").put_dashboard(
        DashboardName=declared["dashboardName"], DashboardBody=declared["dashboardBody"]
    )
    return declared["dashboardName"]


def update_dashboard(clients: Clients, _name: str, declared: Properties, _old: Properties) -> None:
    """PutDashboard, which replaces the dashboard."""
    create_dashboard(clients, declared)


def read_dashboard(clients: Clients, name: str, _declared: Properties) -> Properties:
    """GetDashboard."""
    dashboard = clients("cloudwatch").get_dashboard(DashboardName=name)
    return {
        "dashboardName": dashboard["DashboardName"],
        "dashboardBody": dashboard["DashboardBody"],
        "dashboardArn": dashboard["DashboardArn"],
    }


def delete_dashboard(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteDashboards."""
    clients("cloudwatch").delete_dashboards(DashboardNames=[name])


def create_query_definition(clients: Clients, declared: Properties) -> str:
    """PutQueryDefinition."""
    request = to_api(declared, _QUERY_DEFINITION)
    return clients("logs").put_query_definition(**request)["queryDefinitionId"]


def update_query_definition(
    clients: Clients, id_: str, declared: Properties, _old: Properties
) -> None:
    """PutQueryDefinition under the same id."""
    request = to_api(declared, _QUERY_DEFINITION)
    clients("logs").put_query_definition(queryDefinitionId=id_, **request)


def read_query_definition(clients: Clients, id_: str, declared: Properties) -> Properties:
    """DescribeQueryDefinitions."""
    found = clients("logs").describe_query_definitions(queryDefinitionNamePrefix=declared["name"])
    query = next(each for each in found["queryDefinitions"] if each["queryDefinitionId"] == id_)
    return {**from_api(query, _QUERY_DEFINITION), "queryDefinitionId": id_}


def delete_query_definition(clients: Clients, id_: str, _declared: Properties) -> None:
    """DeleteQueryDefinition."""
    clients("logs").delete_query_definition(queryDefinitionId=id_)


def _tags(declared: Properties) -> dict[str, Any]:
    return {"Tags": key_values(declared["tags"])} if declared.get("tags") else {}


def _read_tags(clients: Clients, alarm: dict[str, Any], declared: Properties) -> Properties:
    if not declared.get("tags"):  # saves a call for each alarm
        return {}
    cloudwatch = clients("cloudwatch")
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    return {"tags": from_key_values(tags)}


def _described(clients: Clients, name: str, kind: str) -> dict[str, Any]:
    found = clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    return next(iter(found[f"{kind}s"]))


def _query(query: Properties) -> dict[str, Any]:
    request = to_api(query, _QUERY)
    if metric := query.get("metric"):
        request["MetricStat"] = {
            "Metric": {
                "Namespace": metric["namespace"],
                "MetricName": metric["metricName"],
                "Dimensions": key_values(metric.get("dimensions") or {}, "Name"),
            },
            "Period": metric["period"],
            "Stat": metric["stat"],
        }
    return request


def _read_query(query: dict[str, Any]) -> Properties:
    read = from_api(query, _QUERY)
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        read["metric"] = {
            "namespace": metric["Namespace"],
            "metricName": metric["MetricName"],
            "dimensions": from_key_values(metric["Dimensions"], "Name"),
            "period": stat["Period"],
            "stat": stat["Stat"],
        }
    return read
