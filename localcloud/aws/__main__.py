"""Serve the emulator: MiniStack, with ours in the place of some of its Step Functions functions.

The table at the end is the whole adapter: everything else is MiniStack as it comes.
"""

import argparse
import asyncio
import os
import resource
import signal
from collections.abc import Callable
from importlib.metadata import version
from threading import Thread
from typing import Any

PINNED_VERSION = "1.5.33"


def main() -> None:
    """Serve until SIGTERM or SIGINT; leave no function running."""
    parser = argparse.ArgumentParser("python -m localcloud.aws", description=__doc__)
    parser.add_argument(
        "--lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long a new role, its policies and a key's alias take to count (default: 0)",
    )
    arguments = parser.parse_args()
    check_version(version("ministack"))
    from localcloud.aws import (  # noqa: PLC0415 - not before that
        alarms,
        consistency,
        engine,
        http_api,
        insights,
        mail,
        metrics,
        saved_queries,
        traces,
    )
    from localcloud.aws.executions import definitions  # noqa: PLC0415 - not before that
    from localcloud.aws.functions import function_output, workers  # noqa: PLC0415 - not before that
    from localcloud.aws.permissions import model_permission, permissions, recording  # noqa: PLC0415 - not before that

    engine.iam_actions.extract_iam_action = permissions.action
    engine.iam_actions.extract_resource_arn = permissions.resource_arn
    engine.iam.enforce = recording.enforce
    engine.app._authenticate_only = recording.authenticate_only
    engine.eventbridge._invoke_target = recording.invoke_target
    engine.gateway._invoke_lambda_proxy = recording.invoke_proxy
    engine.lambda_runtime.ProvidedWorker.invoke = workers.invoke
    engine.lambda_runtime.ProvidedWorker._pump_output = function_output.pump
    engine.lambda_runtime.ProvidedWorker._drain_stderr_bounded = function_output.drain
    engine.gateway._validate_jwt_authorizer = http_api.validate_token
    engine.functions.lambda_execute_result_to_api_proxy_response = http_api.function_response
    engine.cloudwatch._put_metric_alarm = alarms.put_metric_alarm
    engine.cloudwatch._evaluate_alarm = alarms.evaluate_alarm
    engine.cloudwatch._dispatch_alarm_actions = alarms.dispatch_actions
    engine.cloudwatch._get_metric_data = metrics.get_metric_data
    engine.functions._execute_function_dispatch = metrics.execute_function
    engine.functions._emit_lambda_metrics = metrics.emit_lambda_metrics
    engine.gateway.handle_execute = metrics.handle_execute
    engine.logs._append_log_events = metrics.append_log_events
    engine.sns._deliver_to_sqs = metrics.deliver_to_sqs
    engine.sns._fanout = mail.fanout
    engine.logs._start_query = insights.start_query
    engine.logs.handle_request = saved_queries.handle_request
    for name, ours in _replacements().items():
        setattr(engine.states, name, ours)
    engine.roles._IAM_HANDLERS |= {
        "CreateRole": consistency.create_role,
        "PutRolePolicy": consistency.put_role_policy,
        "UpdateAssumeRolePolicy": consistency.update_trust,
    }
    engine.keys._create_alias = consistency.create_alias
    engine.keys._update_alias = consistency.update_alias
    engine.functions._create_function = consistency.create_function
    engine.functions._update_config = consistency.update_configuration
    engine.functions._create_esm = consistency.create_event_source_mapping
    engine.functions._put_event_invoke_config = consistency.put_invoke_config
    consistency.lag(arguments.lag)
    # while the first requests create what does not need it
    Thread(target=definitions.load_parser, daemon=True).start()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    try:
        traces.listen()
        asyncio.run(_serve(model_permission.answering(engine.app.app), engine.lambda_runtime.reset))
    except OSError as error:
        raise SystemExit(f"The emulator cannot serve: {error}") from error


def check_version(found: str) -> None:
    """Raise SystemExit with what to do, unless the adapter knows this MiniStack from the inside."""
    if found != PINNED_VERSION:
        raise SystemExit(
            f"The emulator adapts the inside of MiniStack {PINNED_VERSION}, but {found} is "
            f"installed: install ministack=={PINNED_VERSION}, or adapt localcloud/aws and "
            "run tests/localcloud/aws/fidelity"
        )


async def _serve(app: Any, end_functions: Callable[[], None]) -> None:
    # MiniStack's own way out waits for every function that is at work
    import hypercorn.asyncio  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)

    async def until_signalled() -> None:
        await signalled.wait()
        await asyncio.to_thread(end_functions)

    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"
    server: Any = hypercorn.asyncio
    await server.serve(app, config, shutdown_trigger=until_signalled)
    end_functions()


def _replacements() -> dict[str, Callable[..., Any]]:
    from localcloud.aws.executions import definitions, executions, history, tasks, walk  # noqa: PLC0415

    return {
        "_create_state_machine": definitions.create_state_machine,
        "_update_state_machine": definitions.update_state_machine,
        "_start_execution": executions.start_execution,
        "_stop_execution": executions.stop_execution,
        "_describe_execution": executions.describe_execution,
        "_add_event": history.record,
        "_run_map_items": walk.run_map,
        "_run_sub_machine": walk.run_iteration,
        "_invoke_resource": tasks.invoke,
        "_invoke_resource_with_timeout": tasks.invoke,
        "_find_matching_retrier": tasks.find_retrier,
        "_error_matches": tasks.error_matches,
        "_scaled_sleep": tasks.sleep,
    }


if __name__ == "__main__":
    main()
