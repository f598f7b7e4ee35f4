"""The HTTP API; it counts its own errors too, which it returns even if no function works."""

from components.monitoring.alarm_factory import MINUTE, AlarmFactory, Evaluation
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, rate
from components.settings import ApiThrottleSettings
from handlers.contract.languages import BilingualText
from handlers.contract.metric_names import MetricName

_ERRORS = 5
"""The floor of the error rate: one user who tries again and again for a minute has three."""


class ApiMonitoring:
    """Alarms and widgets of the HTTP API."""

    def __init__(
        self, metrics: MetricFactory, alarms: AlarmFactory, throttle: ApiThrottleSettings
    ) -> None:
        self._metrics = metrics
        self._throttle = throttle
        self.error_rate = alarms.alarm(
            "api-error-rate-high",
            BilingualText(
                "Too many requests get 5xx: the database (503), our code (500), or no function at"
                " all.",
                "5xxが多すぎます。データベース(503)、コード(500)、関数の起動失敗を確認してください。",
            ),
            {
                "errors": metrics.api("5xx"),
                "requests": metrics.api("Count"),
                "rate": rate(filled("errors"), filled("requests"), {filled("errors"): _ERRORS}),
            },
            alarms.settings.api_error_rate,
            evaluation=Evaluation(2 * alarms.settings.run_period),
        )
        self.alarms = (self.error_rate,)

    def latency_graph(self) -> GraphWidget:
        """How long requests take, and how long their functions do."""
        return GraphWidget(
            "API",
            {
                "p50": self._metrics.api("Latency", "p50"),
                "p95": self._metrics.api("Latency", "p95"),
                "integration p95": self._metrics.api("IntegrationLatency", "p95"),
            },
            unit="ms",
        )

    def errors_graph(self) -> GraphWidget:
        """Answers 5xx, in percent; beside them those of our own code and 4xx."""
        return alarm_graph(
            "API 5xx",
            self.error_rate,
            {
                "4xx": self._metrics.api("4xx"),
                "503 of ours": self._metrics.own(MetricName.API_UNAVAILABLE),
                "500 of ours": self._metrics.own(MetricName.API_FAILED),
            },
        )

    def requests_graph(self) -> GraphWidget:
        """Requests a minute, with the API's throttle."""
        return GraphWidget(
            "API / Requests",
            {"requests": self._metrics.api("Count")},
            annotations={"throttle": self._throttle.rate * MINUTE},
            period=MINUTE,
        )
