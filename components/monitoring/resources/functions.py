"""The functions: notices, except for throttling. Their errors count attempts, most are retried."""

from collections.abc import Iterator

from components.monitoring.alarm_factory import SUSTAINED, SUSTAINED_MINUTES, Alarm, AlarmFactory
from components.monitoring.graphs import GraphWidget, alarm_graph
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.metric_math import filled, total_of_many
from components.settings import GenerationSettings
from handlers.contract.alarm_routes import AlarmRoute
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION, FunctionSpec
from handlers.contract.languages import BilingualText

_MAX_METRICS = 9
"""Of the 10 that an alarm may have (CloudWatch quotas), one is the expression over the others."""


class FunctionsMonitoring:
    """Alarms and widgets of each function, and of all together."""

    def __init__(
        self,
        metrics: MetricFactory,
        alarms: AlarmFactory,
        generation: GenerationSettings,
        account_concurrency: int,
    ) -> None:
        self._metrics = metrics
        self._factory = alarms
        self._generation = generation
        self.account_concurrency = alarms.alarm(
            "account-concurrency-high",
            BilingualText(
                "The account's concurrent executions are nearly used up. Ask for a higher quota.",
                "アカウントの同時実行数が上限に近づいています。クォータの引き上げを申請してください。",
            ),
            {"running": metrics.account_concurrency()},
            alarms.settings.concurrency * account_concurrency / 100,
            route=AlarmRoute.NOTICES,
            unit="executions",
        )
        self.alarms = (
            *(alarm for spec in FUNCTIONS for alarm in self._alarms_of(spec)),
            *self._throttled(),
            self.account_concurrency,
            *self._reserved_concurrency(),
        )

    def duration_graph(self) -> GraphWidget:
        """How long calls of each function take."""
        return GraphWidget(
            "関数 / Functions, p95",
            {each.name: self._metrics.function(each, "Duration", "p95") for each in FUNCTIONS},
            annotations={
                "lambda-duration-high": self._factory.settings.lambda_duration * 1000,
                "time-out of task-generation": self._generation.timeout * 1000,
            },
            unit="ms",
        )

    def errors_graph(self) -> GraphWidget:
        """Failed calls of each function, in percent."""
        errors = {f"e{i}": self._metrics.function(f, "Errors") for i, f in enumerate(FUNCTIONS)}
        calls = {f"c{i}": self._metrics.function(f, "Invocations") for i, f in enumerate(FUNCTIONS)}
        return GraphWidget(
            "関数のエラー率 / Function errors",
            {each.name: f"100 * {filled(f'e{i}')} / c{i}" for i, each in enumerate(FUNCTIONS)},
            hidden={**errors, **calls},
            annotations={"lambda-error-rate-high": self._factory.settings.lambda_error_rate},
            unit="%",
        )

    def concurrency_graph(self) -> GraphWidget:
        """Concurrent executions of the account; beside them those of task-generation."""
        running = self._metrics.function(TASK_GENERATION, "ConcurrentExecutions", "Maximum")
        return alarm_graph(
            "同時実行数 / Concurrent executions",
            self.account_concurrency,
            {TASK_GENERATION.name: running},
        )

    def throttles_graph(self) -> GraphWidget:
        """Throttled calls of each function."""
        return GraphWidget(
            "関数のスロットリング / Function throttles",
            {each.name: self._metrics.function(each, "Throttles") for each in FUNCTIONS},
            annotations={"functions-throttled": self._factory.settings.throttles},
            stacked=True,
        )

    def _alarms_of(self, spec: FunctionSpec) -> Iterator[Alarm]:
        metrics, settings = self._metrics, self._factory.settings
        timeout = timeout_seconds(spec, self._generation)
        yield self._factory.alarm(
            f"lambda-error-rate-high-{spec.name}",
            BilingualText(
                f"Too many calls of {spec.name} fail; most are retried. See its log.",
                f"{spec.name} のエラーが多すぎます（多くは再試行されます）。"
                "ログを確認してください。",
            ),
            {
                "errors": metrics.function(spec, "Errors"),
                "calls": metrics.function(spec, "Invocations"),
                "rate": f"IF({filled('errors')} > 1, 100 * errors / calls, 0)",
            },
            settings.lambda_error_rate,
            anchor="lambda-error-rate-high",
            route=AlarmRoute.NOTICES,
        )
        if settings.lambda_duration < timeout:  # else it could never fire
            yield self._factory.alarm(
                f"lambda-duration-high-{spec.name}",
                BilingualText(
                    f"{spec.name} takes long. Its trace shows what it waits for.",
                    f"{spec.name} の実行が長引いています。トレースで待ち先を確認してください。",
                ),
                {"duration": metrics.function(spec, "Duration", "Average")},
                settings.lambda_duration * 1000,
                anchor="lambda-duration-high",
                route=AlarmRoute.NOTICES,
                unit="ms",
            )
        yield self._factory.alarm(
            f"lambda-near-timeout-{spec.name}",
            BilingualText(
                f"{spec.name} comes near its time-out of {timeout} s. Give it more time or memory.",
                f"{spec.name} がタイムアウト{timeout}秒に近づいています。"
                "時間かメモリを増やしてください。",
            ),
            {"duration": metrics.function(spec, "Duration", "p95")},
            settings.timeout_share * timeout * 10,  # percent of seconds, in ms
            anchor="lambda-near-timeout",
            route=AlarmRoute.NOTICES,
            unit="ms",
        )

    def _throttled(self) -> Iterator[Alarm]:
        """One alarm over all functions: the cause, the account's concurrency, is one."""
        for first in range(0, len(FUNCTIONS), _MAX_METRICS):
            specs = FUNCTIONS[first : first + _MAX_METRICS]
            throttles = {
                f"f{index}": self._metrics.function(spec, "Throttles")
                for index, spec in enumerate(specs)
            }
            yield self._factory.alarm(
                f"functions-throttled{f'-{first}' if first else ''}",
                BilingualText(
                    f"Lambda throttles functions for {SUSTAINED_MINUTES} minutes. See who uses up"
                    " the account's concurrency; raise the quota or lower the workflow's"
                    " concurrency.",
                    f"Lambdaのスロットリングが{SUSTAINED_MINUTES}分続いています。アカウントの"
                    "同時実行数を確認し、クォータを上げるか並列度を下げてください。",
                ),
                {**throttles, "throttles": total_of_many(throttles)},
                self._factory.settings.throttles,
                anchor="functions-throttled",
                unit="calls",
                evaluation=SUSTAINED,
            )

    def _reserved_concurrency(self) -> Iterator[Alarm]:
        reserved = self._generation.reserved_concurrency
        if not reserved:
            return
        running = self._metrics.function(TASK_GENERATION, "ConcurrentExecutions", "Maximum")
        yield self._factory.alarm(
            f"lambda-concurrency-high-{TASK_GENERATION.name}",
            BilingualText(
                "The reserved concurrency is nearly used up. Raise generation.reservedConcurrency.",
                "予約済み同時実行数が上限に近づいています。"
                "generation.reservedConcurrency を上げてください。",
            ),
            {"running": running},
            self._factory.settings.concurrency * reserved / 100,
            anchor="lambda-concurrency-high",
            route=AlarmRoute.NOTICES,
            unit="executions",
        )


def timeout_seconds(spec: FunctionSpec, generation: GenerationSettings) -> int:
    """A function's own time-out; that of task-generation is a setting."""
    return generation.timeout if spec == TASK_GENERATION else spec.timeout_seconds
