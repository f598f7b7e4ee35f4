"""The event "Step Functions Execution Status Change", with how an execution ended.

Fields: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge".
"""

import json
import logging
from datetime import datetime

from localcloud.aws.ministack import Json, eventbridge


def publish_status(execution: Json) -> None:
    """Put the event of the present status on the default bus; a failure is only logged."""
    ended = execution["status"] != "RUNNING"
    succeeded = execution["status"] == "SUCCEEDED"
    detail = {
        "executionArn": execution["executionArn"],
        "stateMachineArn": execution["stateMachineArn"],
        "stateMachineVersionArn": execution.get("stateMachineVersionArn"),
        "stateMachineAliasArn": execution.get("stateMachineAliasArn"),
        "name": execution["name"],
        "status": execution["status"],
        "startDate": _milliseconds(execution["startDate"]),
        "stopDate": _milliseconds(execution["stopDate"]) if ended else None,
        "input": execution["input"],
        "inputDetails": {"included": True},
        "output": execution["output"],
        "outputDetails": {"included": True} if succeeded else None,
        "error": execution.get("error"),
        "cause": execution.get("cause"),
        "redriveCount": 0,
        "redriveDate": None,
    }
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail),
        "Resources": [execution["executionArn"]],
    }
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        logging.getLogger("states").exception("Status event of %s", execution["executionArn"])


def _milliseconds(timestamp: str) -> int:
    return int(datetime.fromisoformat(timestamp).timestamp() * 1000)
