"""Everything that a cloud has written: logs, traces, metrics, histories, messages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from handlers.contract.table_keys import ACTION_SK_PREFIX
from localcloud.run.http_calls import exchange
from tests.localcloud.aws.xray.service_map import recorded_segments
from tests.workflow.stage import Stage

Json = dict[str, Any]


@dataclass(frozen=True)
class Observed:
    """What a cloud has written since a moment."""

    stage: Stage
    since: datetime

    def log_lines(self) -> dict[str, list[str]]:
        """The lines of every log group."""
        logs = self.stage.state.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        start = int(self.since.timestamp() * 1000)
        return {
            group: [
                event["message"]
                for page in logs.get_paginator("filter_log_events").paginate(
                    logGroupName=group, startTime=start
                )
                for event in page["events"]
            ]
            for group in groups
        }

    def function_lines(self) -> list[Json]:
        """The structured log lines of functions, without metrics."""
        found = [
            json.loads(line)
            for group, lines in self.log_lines().items()
            if group.startswith("/aws/lambda/")
            for line in lines
            if line.startswith("{")
        ]
        return [line for line in found if "_aws" not in line]

    def segments(self) -> list[Json]:
        """The segments of all traces."""
        return recorded_segments(self.stage.calls.with_name("traces.jsonl"))

    def query(self, text: str, log_groups: tuple[str, ...]) -> list[dict[str, str]]:
        """The rows of a query over log groups."""
        logs = self.stage.state.client("logs")
        query_id = logs.start_query(
            logGroupNames=list(log_groups),
            startTime=int(self.since.timestamp()),
            endTime=int(datetime.now(UTC).timestamp()) + 1,
            queryString=text,
        )["queryId"]
        results = logs.get_query_results(queryId=query_id)["results"]
        return [{cell["field"]: cell["value"] for cell in row} for row in results]

    def writings(self, execution_arn: str) -> Iterator[tuple[str, str]]:
        """Each place and what was written there; none may have a text of the execution's goal."""
        for group, lines in self.log_lines().items():
            yield f"log group {group}", "\n".join(lines)
        yield "traces", json.dumps(self.segments(), ensure_ascii=False)
        metrics = self.stage.state.client("cloudwatch").get_paginator("list_metrics").paginate()
        yield "metrics", _text([page["Metrics"] for page in metrics])
        states = self.stage.state.client("stepfunctions")
        yield "execution", _text(states.describe_execution(executionArn=execution_arn))
        pages = states.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        yield "history", _text([page["events"] for page in pages])
        yield "error details", _text(self._error_details(execution_arn.rsplit(":", 1)[-1]))
        yield "permissions", self.stage.calls.read_text()
        yield "Slack", exchange("GET", f"{self.stage.state.slack_url}/messages").content.decode()

    def _error_details(self, execution_id: str) -> list[Mapping[str, Any]]:
        found = self.stage.state.client("dynamodb").query(
            TableName=self.stage.state.table_name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={
                ":pk": {"S": execution_id},
                ":prefix": {"S": ACTION_SK_PREFIX},
            },
            ProjectionExpression="sk, errorCode, errorDetail",
        )
        return found["Items"]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
