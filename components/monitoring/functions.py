"""Alarms on the functions: notices, but for throttling. Errors count attempts, most are retried."""

from collections.abc import Iterator

from components.monitoring.alarm_factory import Alarm, Service, Words, alarm
from components.monitoring.metric_factory import MetricFactory
from components.settings.sections import Alarms, Generation
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION, FunctionSpec

_MINUTE = 60
_SUSTAINED_MINUTES = 5
_LOOKED_AT_MINUTES = 15
_MOST_METRICS = 9
"""Of 10 that an alarm may have (CloudWatch quotas), less the expression over them."""


def function_alarms(
    metrics: MetricFactory, settings: Alarms, generation: Generation
) -> Iterator[Alarm]:
    """Of each function, then of all together."""
    prefix = metrics.names.prefix
    for spec in FUNCTIONS:
        yield from _of_one(metrics, settings, spec, timeout_seconds(spec, generation))
    for first in range(0, len(FUNCTIONS), _MOST_METRICS):
        specs = FUNCTIONS[first : first + _MOST_METRICS]
        ids = {f"f{index}": spec for index, spec in enumerate(specs)}
        filled = ", ".join(f"FILL({id_}, 0)" for id_ in ids)
        yield alarm(
            prefix,
            f"functions-throttled{f'-{first}' if first else ''}",
            Words(
                f"Lambda throttles functions for {_SUSTAINED_MINUTES} minutes. See who uses up the"
                " account's concurrency; raise the quota or lower the workflow's concurrency.",
                f"Lambdaのスロットリングが{_SUSTAINED_MINUTES}分続いています。アカウントの同時実行数を"
                "確認し、クォータを上げるか並列度を下げてください。",
            ),
            {
                **{id_: metrics.function(spec, "Throttles") for id_, spec in ids.items()},
                "throttles": f"SUM([{filled}])",
            },
            settings.throttles,
            anchor="functions-throttled",
            settings=settings,
            service=Service.FUNCTIONS,
            unit="calls",
            period=_MINUTE,
            points=_SUSTAINED_MINUTES,
            periods=_LOOKED_AT_MINUTES,
        )
    yield alarm(
        prefix,
        "account-concurrency-high",
        Words(
            "The account's concurrent executions are nearly used up. Ask for a higher quota.",
            "アカウントの同時実行数が上限に近づいています。クォータの引き上げを申請してください。",
        ),
        {
            "running": metrics.account_concurrency(),
        },
        settings.concurrency * settings.account_concurrency / 100,
        settings=settings,
        service=Service.FUNCTIONS,
        alarm_route=AlarmRoute.NOTICES,
        unit="executions",
    )
    if generation.reserved_concurrency:
        yield alarm(
            prefix,
            f"lambda-concurrency-high-{TASK_GENERATION.name}",
            Words(
                "The reserved concurrency is nearly used up. Raise generation.reservedConcurrency.",
                "予約済み同時実行数が上限に近づいています。"
                "generation.reservedConcurrency を上げてください。",
            ),
            {
                "running": metrics.function(TASK_GENERATION, "ConcurrentExecutions", "Maximum"),
            },
            settings.concurrency * generation.reserved_concurrency / 100,
            anchor="lambda-concurrency-high",
            settings=settings,
            service=Service.FUNCTIONS,
            alarm_route=AlarmRoute.NOTICES,
            unit="executions",
        )


def timeout_seconds(spec: FunctionSpec, generation: Generation) -> int:
    """A function's own time-out; that of task-generation is a setting."""
    return generation.timeout if spec == TASK_GENERATION else spec.timeout_seconds


def _of_one(
    metrics: MetricFactory, settings: Alarms, spec: FunctionSpec, timeout: int
) -> Iterator[Alarm]:
    prefix = metrics.names.prefix
    yield alarm(
        prefix,
        f"lambda-error-rate-high-{spec.name}",
        Words(
            f"Too many calls of {spec.name} fail; most are retried. See its log.",
            f"{spec.name} のエラーが多すぎます（多くは再試行されます）。ログを確認してください。",
        ),
        {
            "errors": metrics.function(spec, "Errors"),
            "calls": metrics.function(spec, "Invocations"),
            "rate": "IF(FILL(errors, 0) > 1, 100 * errors / calls, 0)",
        },
        settings.lambda_error_rate,
        anchor="lambda-error-rate-high",
        settings=settings,
        service=Service.FUNCTIONS,
        alarm_route=AlarmRoute.NOTICES,
    )
    if settings.lambda_duration < timeout:  # else it could never fire
        yield alarm(
            prefix,
            f"lambda-duration-high-{spec.name}",
            Words(
                f"{spec.name} takes long. Its trace shows what it waits for.",
                f"{spec.name} の実行が長引いています。トレースで待ち先を確認してください。",
            ),
            {
                "duration": metrics.function(spec, "Duration", "Average"),
            },
            settings.lambda_duration * 1000,
            anchor="lambda-duration-high",
            settings=settings,
            service=Service.FUNCTIONS,
            alarm_route=AlarmRoute.NOTICES,
            unit="ms",
        )
    yield alarm(
        prefix,
        f"lambda-near-timeout-{spec.name}",
        Words(
            f"{spec.name} comes near its time-out of {timeout} s. Give it more time or memory.",
            f"{spec.name} がタイムアウト{timeout}秒に近づいています。"
            "時間かメモリを増やしてください。",
        ),
        {
            "duration": metrics.function(spec, "Duration", "p95"),
        },
        settings.timeout_share * timeout * 10,
        anchor="lambda-near-timeout",
        settings=settings,
        service=Service.FUNCTIONS,
        alarm_route=AlarmRoute.NOTICES,
        unit="ms",
    )
