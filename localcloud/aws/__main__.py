"""Serve the emulator: MiniStack, with ours in the place of some of its Step Functions functions.

The table at the end is the whole adapter: everything else is MiniStack as it comes.
"""

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
    check_version(version("ministack"))
    from localcloud.aws import (  # noqa: PLC0415 - not before that
        alarm_store,
        http_api,
        log_queries,
        mail,
        ministack,
        saved_queries,
        service_metrics,
        traces,
    )
    from localcloud.aws.executions import definitions  # noqa: PLC0415 - not before that
    from localcloud.aws.functions import function_output, workers  # noqa: PLC0415 - not before that
    from localcloud.aws.permissions import model_permission, permissions, recording  # noqa: PLC0415 - not before that

    ministack.iam_actions.extract_iam_action = permissions.action
    ministack.iam_actions.extract_resource_arn = permissions.resource_arn
    ministack.iam.enforce = recording.enforce
    ministack.app._authenticate_only = recording.authenticate_only
    ministack.eventbridge._invoke_target = recording.invoke_target
    ministack.gateway._invoke_lambda_proxy = recording.invoke_proxy
    ministack.lambda_runtime.ProvidedWorker.invoke = workers.invoke
    ministack.lambda_runtime.ProvidedWorker._pump_output = function_output.pump
    ministack.lambda_runtime.ProvidedWorker._drain_stderr_bounded = function_output.drain
    ministack.gateway._validate_jwt_authorizer = http_api.validate_token
    ministack.functions.lambda_execute_result_to_api_proxy_response = http_api.function_response
    ministack.cloudwatch._put_metric_alarm = alarm_store.put_metric_alarm
    ministack.cloudwatch._evaluate_alarm = alarm_store.evaluate_alarm
    ministack.cloudwatch._dispatch_alarm_actions = alarm_store.dispatch_actions
    ministack.cloudwatch._get_metric_data = service_metrics.get_metric_data
    ministack.functions._execute_function_dispatch = service_metrics.execute_function
    ministack.functions._emit_lambda_metrics = service_metrics.emit_lambda_metrics
    ministack.gateway.handle_execute = service_metrics.handle_execute
    ministack.logs._append_log_events = service_metrics.append_log_events
    ministack.sns._deliver_to_sqs = service_metrics.deliver_to_sqs
    ministack.sns._fanout = mail.fanout
    ministack.logs._start_query = log_queries.start_query
    ministack.logs.handle_request = saved_queries.handle_request
    for name, ours in _replacements().items():
        setattr(ministack.states, name, ours)
    # while the first requests create what does not need it
    Thread(target=definitions.load_parser, daemon=True).start()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    try:
        traces.listen()
        asyncio.run(
            _serve(model_permission.answering(ministack.app.app), ministack.lambda_runtime.reset)
        )
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
