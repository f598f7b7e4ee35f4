"""AWS Lambda durable functions: one function whose steps the service checkpoints.

https://github.com/aws/aws-durable-execution-sdk-python; the service is its testing SDK's local
runner in real time, and this process is the function: it answers Lambda's Invoke.
"""

import json
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import (
    CompletionConfig,
    Duration,
    MapConfig,
    StepConfig,
)
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python_testing.invoker import create_test_lambda_context

from bench.peer_runs.job import (
    AT_ONCE,
    ATTEMPTS,
    FIRST_PAUSE_SECONDS,
    ModelBusyError,
    Tasks,
    batches,
    generate,
    has,
    load_job,
    mark,
    save,
)

job = load_job()
actions = {action.id: action for action in job.actions}
retries = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=ATTEMPTS,
            initial_delay=Duration.from_seconds(FIRST_PAUSE_SECONDS),
            retryable_error_types=[ModelBusyError],
        )
    )
)
at_once = MapConfig(max_concurrency=AT_ONCE, completion_config=CompletionConfig.all_completed())


def generate_action(context: DurableContext, action_id: str, _index: int, _ids: Any) -> Tasks:
    return context.step(lambda _: generate(job, actions[action_id]), "ask", retries)


@durable_execution
def handler(_event: Any, context: DurableContext) -> int:
    ids = list(actions)
    found = context.map(ids, generate_action, "generate", at_once)
    results: dict[str, Tasks] = {each: [] for each in ids}
    results |= {ids[item.index]: item.result for item in found.succeeded()}
    context.step(lambda _: mark(job, "generated"), "mark")
    for number, batch in enumerate(batches(results)):
        context.step(lambda _, batch=batch: save(job, batch), f"save-{number}")
    return len(results)


class Invoke(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(handler(event, create_test_lambda_context())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Amz-Executed-Version", "$LATEST")
        self.end_headers()
        self.wfile.write(answer)
        if json.loads(answer).get("Status") == "SUCCEEDED":
            mark(job, "saved")

    def log_message(self, format: str, *args: Any) -> None:
        pass


def start() -> None:
    body = {
        "AccountId": "123456789012",
        "FunctionName": "generate-goal",
        "FunctionQualifier": "$LATEST",
        "ExecutionName": job.run,
        "ExecutionTimeoutSeconds": 900,
        "ExecutionRetentionPeriodDays": 1,
        "InvocationId": job.run,
        "Input": "{}",
    }
    url = f"{job.servers['runner']}/start-durable-execution"
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, timeout=30).read()


host, _, port = job.servers["worker"].removeprefix("http://").partition(":")
server = ThreadingHTTPServer((host, int(port)), Invoke)
Thread(target=server.serve_forever, daemon=True).start()
if not has(job, "began"):
    mark(job, "began")
    start()
while not has(job, "saved"):
    time.sleep(0.02)
server.shutdown()
