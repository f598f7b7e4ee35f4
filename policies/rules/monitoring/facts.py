"""What an expected alarm depends on: the stack's settings, and limits of what it watches."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import pulumi.runtime

from policies.conventions import WORKFLOW
from policies.rules.monitoring.alarm_model import Unit
from policies.rules.monitoring.trial import label
from policies.stack import resource_types
from policies.stack.metrics import metrics_of
from policies.stack.resource_graph import Resource, ResourceGraph

_LEAST_IN_VAIN_SECONDS = 900
_FLOORS = ("minimumRuns", "minimumFailures")


def configured(graph: ResourceGraph) -> Mapping[str, float]:
    """The numbers of the stack's setting `alarms`, and what the program makes of others."""
    config: dict[str, str] = dict(pulumi.runtime.get_config_env())
    given = _object(config.get(f"{WORKFLOW}:alarms"))
    numbers = {key: float(each) for key, each in given.items() if isinstance(each, int | float)}
    if "runPeriod" in numbers:
        numbers["twiceRunPeriod"] = 2 * numbers["runPeriod"]
    if timeout := machine_timeout(graph):
        whole_minutes = math.ceil(timeout / 60) * 60
        numbers["inVainPeriod"] = max(_LEAST_IN_VAIN_SECONDS, whole_minutes)
    return numbers


def floor(settings: Mapping[str, float]) -> float | None:
    """The greatest minimum count that the settings give; None: the usual ones hold."""
    return max((settings[each] for each in _FLOORS if each in settings), default=None)


def in_unit(
    graph: ResourceGraph, unit: Unit, function: Resource | None, threshold: float
) -> float | None:
    """A threshold in a unit of `Limit`; None if what it is a share of is not known."""
    whole: Any = None
    match unit:
        case Unit.OWN:
            return threshold
        case Unit.SECONDS:
            return threshold / 1000
        case Unit.FUNCTION_TIMEOUT:
            whole = 1000 * (function.read("timeout") or 3) if function else None
        case Unit.MACHINE_TIMEOUT:
            whole = 1000 * machine_timeout(graph)
        case Unit.RESERVED:
            whole = function.read("reservedConcurrentExecutions") if function else None
        case Unit.ACCOUNT:
            config: dict[str, str] = dict(pulumi.runtime.get_config_env())
            whole = float(config.get(f"{WORKFLOW}:accountConcurrency") or 0)
    return 100 * threshold / whole if isinstance(whole, int | float) and whole else None


def machine_timeout(graph: ResourceGraph) -> float:
    """The time-out of executions, in seconds; 0 if there is none."""
    for machine in graph.of(resource_types.MACHINE):
        return float(_object(machine.read("definition")).get("TimeoutSeconds") or 0)
    return 0


def capacity(graph: ResourceGraph, alarm: Resource) -> dict[str, float]:
    """Label of a metric of consumed capacity -> the units that are there in one of its periods."""
    found: dict[str, float] = {}
    for metric in metrics_of(alarm):
        table = graph.named(resource_types.TABLE, metric.dimensions.get("TableName"))
        if table is None or not metric.name.startswith("Consumed"):
            continue
        input_ = "readCapacity" if "Read" in metric.name else "writeCapacity"
        index = metric.dimensions.get("GlobalSecondaryIndexName")
        holders = {each.get("name"): each for each in table.items("globalSecondaryIndexes")}
        holder: Any = holders.get(index) if index else table.props
        units = holder.get(input_) if holder else 0
        found[label(metric)] = float(units or 0) * metric.period
    return found


def _object(text: Any) -> dict[str, Any]:
    """JSON text of an object; empty for any other value."""
    try:
        found: Any = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
