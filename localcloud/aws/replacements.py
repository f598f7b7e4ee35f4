"""Every function of MiniStack that this emulator replaces, by what, and why.

`python -m localcloud.aws` installs the table; all else is MiniStack as it comes. The table in
docs/embedded-cloud.md and the sections of docs/upstream.md are tested against it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.aws import (
    alarm_store,
    consistency,
    expressions,
    http_api,
    journal,
    log_patterns,
    log_queries,
    mail,
    saved_queries,
    service_metrics,
    table_history,
)
from localcloud.aws import ministack as m
from localcloud.aws.executions import definitions, executions
from localcloud.aws.functions import (
    activation,
    function_output,
    provisioned,
    version_code,
    workers,
)
from localcloud.aws.permissions import recording, requests, second_factor


@dataclass(frozen=True)
class Replacement:
    """One function of MiniStack, and the function in its place.

    owner: the module or class of the original.
    name: the original's name in it.
    function: the replacement; it may call the original.
    reason: what the replacement does otherwise.
    upstream: the section of docs/upstream.md; "" if the reason is this project's alone.
    table: the owner's dictionary that holds the original too; "" if none does.
    """

    owner: Any
    name: str
    function: Callable[..., Any]
    reason: str
    upstream: str = ""
    table: str = ""

    @property
    def original(self) -> str:
        """The original's qualified name, without the package."""
        module: str = getattr(self.owner, "__module__", self.owner.__name__)
        qualifier = f".{self.owner.__name__}" if isinstance(self.owner, type) else ""
        return f"{module.removeprefix('ministack.')}{qualifier}.{self.name}"

    def install(self) -> None:
        """Put the function in the original's place."""
        original = getattr(self.owner, self.name)
        setattr(self.owner, self.name, self.function)
        if self.table:
            held: dict[str, Any] = getattr(self.owner, self.table)
            held |= {key: self.function for key, value in held.items() if value is original}


_PROCESS = m.lambda_runtime.ProvidedWorker

REPLACEMENTS = (
    # IAM
    Replacement(
        m.iam_actions,
        "extract_iam_action",
        requests.action,
        "an SQS batch needs the permission of its single action, each operation of Lambda its own",
        "SQS batch permissions",
    ),
    Replacement(
        m.iam_actions,
        "extract_resource_arn",
        requests.resource_arn,
        "a machine's version or alias is authorized as the machine, a function's as itself,"
        " described alarms one by one, tags and what is new on their own ARNs",
        "Resource of a request",
    ),
    Replacement(
        m.iam_actions,
        "request_tag_context",
        requests.condition_keys,
        "knows the keys iam:PermissionsBoundary and lambda:FunctionArn of a request",
        "Condition keys of a request",
    ),
    Replacement(
        m.iam,
        "enforce",
        recording.enforce,
        "records the permissions that roles use or lack; a function's calls count as TLS",
    ),
    Replacement(
        m.app,
        "_authenticate_only",
        recording.authenticate_only,
        "records the requests whose action MiniStack does not know",
    ),
    Replacement(
        m.sts,
        "handle_request",
        second_factor.handle_request,
        "notes whether AssumeRole carries a second factor's code",
        "Second factor",
    ),
    Replacement(
        m.iam,
        "evaluate_trust_policy",
        second_factor.evaluate_trust_policy,
        "knows the key aws:MultiFactorAuthPresent",
        "Second factor",
    ),
    Replacement(
        m.functions,
        "_get_provisioned_concurrency",
        provisioned.provisioned_concurrency,
        "lists the provisioned concurrency of a function",
        "List of provisioned concurrency",
    ),
    Replacement(
        m.eventbridge,
        "_invoke_target",
        recording.invoke_target,
        "records that EventBridge invokes a function",
    ),
    Replacement(
        m.gateway,
        "_invoke_lambda_proxy",
        recording.invoke_proxy,
        "records that API Gateway invokes a function",
    ),
    # Lambda
    Replacement(
        _PROCESS,
        "invoke",
        workers.invoke,
        "a process that dies as it starts fails its own invocation only; one killed as it answers"
        " is Runtime.ExitError; trace header, segments",
        "Process that dies as it starts",
    ),
    Replacement(
        _PROCESS,
        "_spawn",
        workers.spawn,
        "an init may take 60 s by the clock, and is no part of the invocation's duration",
    ),
    Replacement(
        m.functions,
        "acquire_worker",
        workers.acquire,
        "starts no more processes at once than cores; a waiting invocation takes an idle one",
    ),
    Replacement(
        m.functions,
        "release_worker",
        workers.release,
        "lets a waiting invocation take the process",
    ),
    Replacement(
        m.functions,
        "_emit_lambda_logs",
        workers.emit_logs,
        "the duration in the REPORT line is without the init phase",
    ),
    Replacement(
        _PROCESS,
        "_pump_output",
        function_output.pump,
        "reads the whole output of an invocation, together with the next one",
        "Output of a function",
    ),
    Replacement(
        _PROCESS,
        "_drain_stderr_bounded",
        function_output.drain,
        "reads the whole output of an invocation before its answer",
        "Output of a function",
    ),
    Replacement(
        m.functions,
        "_schedule_state_transition",
        activation.schedule_state_transition,
        "a new or changed function is active after 0.02 s instead of 0.5 s",
    ),
    Replacement(
        m.functions,
        "_get_function",
        version_code.get_function,
        "the location of a published version's code names the version",
        "Code of a version",
    ),
    Replacement(
        m.functions,
        "serve_function_code",
        version_code.serve_function_code,
        "serves the code of that version",
        "Code of a version",
    ),
    # Eventual consistency
    Replacement(
        m.roles,
        "_create_role",
        consistency.create_role,
        "a role cannot be assumed before the lag is over",
        table="_IAM_HANDLERS",
    ),
    Replacement(
        m.roles,
        "_update_assume_role_policy",
        consistency.update_trust,
        "the same after a change of whom it trusts",
        table="_IAM_HANDLERS",
    ),
    Replacement(
        m.roles,
        "_put_role_policy",
        consistency.put_role_policy,
        "a role's policies do not count before the lag is over",
        table="_IAM_HANDLERS",
    ),
    Replacement(
        m.keys,
        "_create_alias",
        consistency.create_alias,
        "a key's alias decides nothing before the lag is over",
    ),
    Replacement(
        m.keys,
        "_update_alias",
        consistency.update_alias,
        "the same after a change of its key",
    ),
    Replacement(
        m.functions,
        "_create_function",
        consistency.create_function,
        "refuses a role that Lambda cannot assume yet",
    ),
    Replacement(
        m.functions,
        "_update_config",
        consistency.update_configuration,
        "refuses the same in an update",
    ),
    Replacement(
        m.functions,
        "_create_esm",
        consistency.create_event_source_mapping,
        "refuses a role whose policies do not count yet",
    ),
    Replacement(
        m.functions,
        "_put_event_invoke_config",
        consistency.put_invoke_config,
        "refuses the same",
    ),
    # API Gateway
    Replacement(
        m.gateway,
        "_validate_jwt_authorizer",
        http_api.validate_token,
        "a refresh token is no JWT to an authorizer",
        "Refresh tokens",
    ),
    Replacement(
        m.functions,
        "lambda_execute_result_to_api_proxy_response",
        http_api.function_response,
        "a function that fails is 500 with API Gateway's message",
        "Function error behind an HTTP API",
    ),
    # CloudWatch
    Replacement(
        m.cloudwatch,
        "_put_metric_alarm",
        alarm_store.put_metric_alarm,
        "an alarm keeps its metric math and its percentile",
        "Metric math alarms",
    ),
    Replacement(
        m.cloudwatch,
        "_evaluate_alarm",
        alarm_store.evaluate_alarm,
        "does nothing: localcloud/aws/cloudwatch evaluates alarms, dimensions included",
        "Dimensions of an alarm",
    ),
    Replacement(
        m.cloudwatch,
        "_dispatch_alarm_actions",
        alarm_store.dispatch_actions,
        "publishes CloudWatch's message, if the topic's policy allows it",
        "Message of an alarm",
    ),
    Replacement(
        m.cloudwatch,
        "_get_metric_data",
        service_metrics.get_metric_data,
        "periods start at StartTime",
        "Periods of GetMetricData",
    ),
    Replacement(
        m.functions,
        "_execute_function_dispatch",
        service_metrics.execute_function,
        "counts every invocation by function and by alias: errors, duration, concurrency",
        "Metrics of AWS services",
    ),
    Replacement(
        m.functions,
        "_emit_lambda_metrics",
        service_metrics.emit_lambda_metrics,
        "counts throttles only, since invocations are counted where they run",
        "Metrics of AWS services",
    ),
    Replacement(
        m.gateway,
        "handle_execute",
        service_metrics.handle_execute,
        "counts the requests to an API: 4xx, 5xx, latency",
        "Metrics of AWS services",
    ),
    Replacement(
        m.sns,
        "_deliver_to_sqs",
        service_metrics.deliver_to_sqs,
        "counts notifications delivered and failed",
        "Metrics of AWS services",
    ),
    Replacement(
        m.logs,
        "_append_log_events",
        service_metrics.append_log_events,
        "reads the metrics in log lines (embedded metric format)",
        "Embedded metric format",
    ),
    # CloudWatch Logs
    Replacement(
        m.logs,
        "_compile_filter_pattern",
        log_patterns.compile_filter_pattern,
        "patterns of words are case-sensitive and know alternatives (`?ERROR ?WARNING`)",
    ),
    Replacement(
        m.logs,
        "_start_query",
        log_queries.start_query,
        "runs the commands of Logs Insights, stats and parse included",
        "Logs Insights",
    ),
    Replacement(
        m.logs,
        "handle_request",
        saved_queries.handle_request,
        "adds PutQueryDefinition, DescribeQueryDefinitions and DeleteQueryDefinition",
        "Query definitions",
    ),
    # SNS
    Replacement(
        m.sns,
        "_fanout",
        mail.fanout,
        "writes e-mails to a file, where tests read them",
    ),
    # Step Functions
    Replacement(
        m.states,
        "_create_state_machine",
        definitions.create_state_machine,
        "refuses an invalid definition and a role that does not trust Step Functions",
        "Validation of a state machine",
    ),
    Replacement(
        m.states,
        "_update_state_machine",
        definitions.update_state_machine,
        "refuses the same in an update",
        "Validation of a state machine",
    ),
    Replacement(
        m.states,
        "_start_execution",
        executions.start_execution,
        "interprets the states (executions/asl); version of the alias; TimeoutSeconds",
        "Start of an execution",
    ),
    Replacement(
        m.states,
        "_stop_execution",
        executions.stop_execution,
        "ends every iteration, retry and state; the first end of an execution stays",
        "Stop of an execution",
    ),
    Replacement(
        m.states,
        "_describe_execution",
        executions.describe_execution,
        "returns the version, the alias and the trace header of the start",
        "Start of an execution",
    ),
    # DynamoDB
    Replacement(
        m.tables,
        "_set_item",
        table_history.set_item,
        "records every write of a table whose recovery is enabled",
        "Restore to a point in time",
    ),
    Replacement(
        m.tables,
        "_remove_item",
        table_history.remove_item,
        "records every deletion",
        "Restore to a point in time",
    ),
    Replacement(
        m.tables,
        "_update_continuous_backups",
        table_history.update_continuous_backups,
        "the history begins when recovery is enabled",
        "Restore to a point in time",
    ),
    Replacement(
        m.tables,
        "_describe_continuous_backups",
        table_history.describe_continuous_backups,
        "names the earliest time that a restore takes",
        "Restore to a point in time",
    ),
    Replacement(
        m.tables,
        "_restore_table_to_point_in_time",
        table_history.restore_table,
        "restores the items of the second that the request names, with the table's key",
        "Restore to a point in time",
    ),
    Replacement(
        m.tables,
        "_transact_write_items",
        journal.transact_write_items,
        "a transaction is one entry of a durable emulator's journal",
    ),
    Replacement(
        m.tables,
        "_tokenize",
        expressions.tokenize,
        "an expression is read once, not for each item",
    ),
    Replacement(
        m.tables,
        "_condition_syntax_error",
        expressions.condition_syntax_error,
        "a condition is checked once, not for each item",
    ),
    Replacement(
        m.tables,
        "_project_item",
        expressions.project_item,
        "a projection without paths is read once, not for each item",
    ),
    # State that outlives a kill
    Replacement(
        m.app,
        "_load_persisted_state",
        journal.load_persisted_state,
        "repeats what a durable emulator had written since its snapshot when it was killed",
    ),
)

INTERPRETER_SECTIONS = (
    "History of an execution",
    "Failing Map",
    "Permissions of a state machine",
    "Delays of a retrier",
)
"""Sections of docs/upstream.md on MiniStack's interpreter, in whose place `executions/asl` runs."""
