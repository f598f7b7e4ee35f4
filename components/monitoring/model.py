"""Alarms on the model: whether it answers, whether it throttles, what it costs."""

from collections.abc import Iterator

from components.monitoring.alarm_factory import Alarm, Service, Words, alarm
from components.monitoring.metric_factory import MetricFactory
from components.settings.sections import Alarms
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.errors import ErrorCode
from handlers.contract.metric_names import MetricName

_CALLS = 20
"""The floor of rates over calls: less than a third of one goal's."""
_PERIODS = 3
"""So long after its last bad period the model is well again; executions may be that far apart."""
_DAY = 24 * 3600


def model_alarms(metrics: MetricFactory, settings: Alarms) -> Iterator[Alarm]:
    """Of the model: whether it answers, whether it throttles, what it costs."""
    throttled = metrics.own(MetricName.FAILED_ATTEMPTS, only=ErrorCode.MODEL_THROTTLED)
    yield alarm(
        metrics.names.prefix,
        "model-failure-rate-high",
        Words(
            "Most attempts at the model fail, throttling apart. Is Bedrock up, may we use it, did"
            " the prompt change?",
            "モデル呼び出しの多くが失敗しています（スロットリングを除く）。"
            "Bedrockの状態、利用許可、プロンプトの変更を確認してください。",
        ),
        {
            "failed": metrics.own(MetricName.FAILED_ATTEMPTS),
            "throttled": throttled,
            "generated": metrics.own(MetricName.ACTIONS_GENERATED),
            "refused": "FILL(failed, 0) - FILL(throttled, 0)",
            "attempts": "FILL(failed, 0) + FILL(generated, 0)",
            "rate": f"IF(attempts >= {_CALLS}, 100 * refused / attempts, 0)",
        },
        settings.model_failure_rate,
        settings=settings,
        service=Service.MODEL,
        period=settings.run_period,
        periods=_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "model-throttles-high",
        Words(
            "Bedrock throttles most calls. Lower the concurrency, or ask for a higher quota.",
            "Bedrockのスロットリングが多発しています。並列度を下げるかクォータを上げてください。",
        ),
        {
            "throttles": metrics.own(MetricName.MODEL_THROTTLES),
            "answered": metrics.own(MetricName.MODEL_LATENCY, "SampleCount"),
            "calls": "FILL(throttles, 0) + FILL(answered, 0)",
            "rate": f"IF(calls >= {_CALLS}, 100 * FILL(throttles, 0) / calls, 0)",
        },
        settings.model_throttle_rate,
        settings=settings,
        service=Service.MODEL,
        period=settings.run_period,
        periods=_PERIODS,
    )
    yield alarm(
        metrics.names.prefix,
        "model-cost-high",
        Words(
            "The model costs more than a day's budget. See token-spend-by-goal: growth, or somebody"
            " who starts again and again?",
            "モデル費用が1日の予算を超えました。token-spend-by-goal で利用増か特定利用者の"
            "繰り返しかを確認してください。",
        ),
        {"cost": metrics.own(MetricName.COST_USD)},
        settings.daily_cost,
        settings=settings,
        service=Service.MODEL,
        alarm_route=AlarmRoute.SELF,
        unit="USD",
        period=_DAY,
        points=1,
        periods=1,
    )
