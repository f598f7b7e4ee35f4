"""What Step Functions writes of an execution to the log group of its machine.

A line for each event of the history that the level lets through, without inputs and outputs unless
the machine logs execution data (Step Functions Developer Guide, "Using CloudWatch Logs to log
execution history"). Whether AWS leaves `error` and `cause` out with them is not documented: they
stay here, so that what must not be logged is looked for in them too.
"""

import json
import re
import time
from datetime import datetime
from typing import Any

from localcloud.aws.ministack import Json, logs

_EXECUTION_DATA = ("input", "output", "parameters", "inputDetails", "outputDetails")
_FAILURES = re.compile("(Failed|TimedOut|Aborted)$")


def configuration(machine: Json) -> Json:
    """How a machine, or a version of it, logs."""
    logging: Any = machine.get("loggingConfiguration") or {}
    destinations: Any = logging.get("destinations")
    arn: str = destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"] if destinations else ""
    return {
        "level": logging.get("level", "OFF"),
        "includeExecutionData": logging.get("includeExecutionData", False),
        "group": arn.partition(":log-group:")[2].removesuffix(":*"),
    }


def write(execution: Json, event: Json) -> None:
    """Write an event's line, where its machine logs such events."""
    logging: Json = execution["logging"]
    group = logs._log_groups.get(logging["group"])
    if group is None or not _is_logged(logging["level"], event["type"]):
        return
    line = _line(execution, event, with_data=logging["includeExecutionData"])
    now = int(time.time() * 1000)
    at = int(line["event_timestamp"])
    entry = {"timestamp": at, "message": json.dumps(line, ensure_ascii=False), "ingestionTime": now}
    logs._append_log_events(_stream(group, execution, now), [entry])


def _is_logged(level: str, event_type: str) -> bool:
    failed = _FAILURES.search(event_type) is not None
    return {
        "ALL": True,
        "ERROR": failed,
        "FATAL": failed and event_type.startswith("Execution"),
    }.get(level, False)


def _line(execution: Json, event: Json, *, with_data: bool) -> Json:
    found = (each for name, each in event.items() if name.endswith("EventDetails"))
    given: Json = next(found, None) or {}
    details = {
        name: value for name, value in given.items() if with_data or name not in _EXECUTION_DATA
    }
    milliseconds = int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000)
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(milliseconds),
        "execution_arn": execution["executionArn"],
        "redrive_count": "0",
    }


def _stream(group: Json, execution: Json, now: int) -> Json:
    machine = execution["stateMachineArn"].rsplit(":", 1)[-1]
    name = f"states/{machine}/{execution['name']}"
    streams: Json = group["streams"]
    return streams.setdefault(
        name,
        {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        },
    )
