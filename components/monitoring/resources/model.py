"""The model: does it answer, does it throttle, what does it cost?"""

from components.monitoring.alarm_factory import DAY, HOUR, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, rate, total
from components.settings import GenerationSettings
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.errors import ErrorCode
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName

_CALLS = 20
"""The floor of rates over calls: less than a third of one goal's."""
_PERIODS = 3
"""The model is well again this long after its last bad period: executions may be that far apart."""


class ModelMonitoring:
    """Alarms and widgets of the model."""

    def __init__(
        self, metrics: MetricFactory, alarms: AlarmFactory, generation: GenerationSettings
    ) -> None:
        self._metrics = metrics
        self._generation = generation
        self.failure_rate = alarms.alarm(
            "model-failure-rate-high",
            BilingualText(
                "Most attempts at the model fail, throttling apart. Is Bedrock up, may we use it,"
                " did the prompt change?",
                "モデル呼び出しの多くが失敗しています（スロットリングを除く）。"
                "Bedrockの状態、利用許可、プロンプトの変更を確認してください。",
            ),
            {
                "failed": metrics.own(MetricName.FAILED_ATTEMPTS),
                "throttled": metrics.own(
                    MetricName.FAILED_ATTEMPTS, only=ErrorCode.MODEL_THROTTLED
                ),
                "generated": metrics.own(MetricName.ACTIONS_GENERATED),
                "refused": f"{filled('failed')} - {filled('throttled')}",
                "attempts": total(["failed", "generated"]),
                "rate": rate("refused", "attempts", {"attempts": _CALLS}),
            },
            alarms.settings.model_failure_rate,
            evaluation=alarms.over_executions(_PERIODS),
        )
        self.throttles = alarms.alarm(
            "model-throttles-high",
            BilingualText(
                "Bedrock throttles most calls. Lower the concurrency, or ask for a higher quota.",
                "Bedrockのスロットリングが多発しています。並列度を下げるかクォータを上げてください。",
            ),
            {
                "throttles": metrics.own(MetricName.MODEL_THROTTLES),
                "answered": metrics.own(MetricName.MODEL_LATENCY, "SampleCount"),
                "calls": total(["throttles", "answered"]),
                "rate": rate(filled("throttles"), "calls", {"calls": _CALLS}),
            },
            alarms.settings.model_throttle_rate,
            evaluation=alarms.over_executions(_PERIODS),
        )
        self.cost = alarms.alarm(
            "model-cost-high",
            BilingualText(
                "The model costs more than a day's budget. See token-spend-by-goal: growth, or"
                " somebody who starts again and again?",
                "モデル費用が1日の予算を超えました。token-spend-by-goal で利用増か特定利用者の"
                "繰り返しかを確認してください。",
            ),
            {"cost": metrics.own(MetricName.COST_USD)},
            alarms.settings.daily_cost,
            route=AlarmRoute.SELF,
            unit="USD",
            evaluation=Evaluation(DAY),
        )
        self.alarms = (self.failure_rate, self.throttles, self.cost)

    def latency_graph(self) -> GraphWidget:
        """Time of one call, with its time-out."""
        return GraphWidget(
            "モデル / Model latency",
            {each: self._metrics.own(MetricName.MODEL_LATENCY, each) for each in ("p50", "p95")},
            annotations={"call time-out": self._generation.call_timeout_seconds * 1000},
            unit="ms",
        )

    def attempts_graph(self) -> GraphWidget:
        """Failed attempts, in percent; beside them the repairs of invalid answers."""
        return alarm_graph(
            "モデルの試行 / Attempts at the model",
            self.failure_rate,
            {"repairs": self._metrics.own(MetricName.REPAIRS)},
        )

    def turns_graph(self) -> GraphWidget:
        """How long executions have waited for the token budget."""
        wait = MetricName.TURN_WAIT
        return GraphWidget(
            "順番待ち / Waits for a turn",
            {each: self._metrics.own(wait, each) for each in ("p50", "p95", "Maximum")},
            unit="s",
        )

    def throttles_graph(self) -> GraphWidget:
        """Throttled calls, in percent."""
        return alarm_graph("モデルのスロットリング / Model throttles", self.throttles)

    def cost_graph(self) -> GraphWidget:
        """US dollars a day."""
        return alarm_graph("モデル費用（24時間） / Model, USD in 24 h", self.cost)

    def tokens_graph(self) -> GraphWidget:
        """Tokens an hour."""
        return GraphWidget(
            "トークン / Tokens",
            {
                "in": self._metrics.own(MetricName.INPUT_TOKENS),
                "out": self._metrics.own(MetricName.OUTPUT_TOKENS),
            },
            period=HOUR,
            stacked=True,
        )

    def execution_cost_graph(self) -> GraphWidget:
        """US dollars an execution."""
        return GraphWidget(
            "実行あたりの費用 / USD an execution",
            {"USD": "cost / ended"},
            hidden={
                "cost": self._metrics.own(MetricName.COST_USD),
                "ended": self._metrics.own(MetricName.EXECUTIONS_ENDED),
            },
            period=HOUR,
            unit="USD",
        )

    def actions_graph(self) -> GraphWidget:
        """Actions an hour, and the attempts that raise the cost."""
        return GraphWidget(
            "生成と再試行 / Actions, tries",
            {
                "generated": self._metrics.own(MetricName.ACTIONS_GENERATED),
                "saved": self._metrics.own(MetricName.ACTIONS_SUCCEEDED),
                "failed attempts": self._metrics.own(MetricName.FAILED_ATTEMPTS),
                "repairs": self._metrics.own(MetricName.REPAIRS),
                "second calls": self._metrics.own(MetricName.HEDGED_CALLS),
                "answered first": self._metrics.own(MetricName.HEDGES_WON),
                "coerced": self._metrics.own(MetricName.ANSWERS_COERCED),
            },
            period=HOUR,
        )
