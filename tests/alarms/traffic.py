"""Simulated users of the workflow, and the metrics that AWS and the handlers send because of them.

Users start goals through the day; their browsers poll the status every three seconds. Of the
actions 2 % fail for good, most after all retries; some users start those again, some cancel.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from components.names import Names
from handlers.contract.errors import ErrorCode
from handlers.contract.functions import (
    TASK_GENERATION,
    WORKFLOW_ARCHIVE,
    WORKFLOW_FINISH,
    WORKFLOW_PREPARE,
    WORKFLOW_RECONCILE,
    WORKFLOW_SAVE_BATCH,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)
from handlers.contract.metric_names import NAMESPACE, Dimension, MetricName
from handlers.contract.statuses import ExecutionStatus
from handlers.contract.timing import SWEEP_MINUTES
from localcloud.aws.cloudwatch.metrics import metric_key
from tests.alarms.actions import ACTIONS, AT_ONCE, ActionOutcome, SimulatedAction, one_action
from tests.metric_store import MetricStore

_RETRIED = (0.3, 0.1)
"""Shares of users who retry failed actions: once, and a second time."""
_CANCELLED = 0.03
_USD_A_CALL = 0.00005
_SWEEP_SECONDS = SWEEP_MINUTES * 60
_ARCHIVE_SECONDS = 6 * 3600
_POLL_SECONDS = 3
_MINUTE = 60
_TRIES = 3
"""How often a user tries if a start is refused."""
_EVENT_TRIES_SECONDS = 240
"""Until an event that reconcile cannot handle is a dead letter: Lambda retries it twice."""


class Outage(Enum):
    """What can be down."""

    MODEL = auto()
    THROTTLING = auto()
    DATABASE = auto()
    CODE = auto()
    RECONCILE = auto()


@dataclass(frozen=True)
class Trouble:
    """An outage from one moment (Unix seconds) to another."""

    outage: Outage
    begins: float
    ends: float


@dataclass
class Traffic:
    """Adds the samples of a stack's metrics to a store.

    starts_an_hour: at a moment. api_id: of the HTTP API.
    """

    names: Names
    store: MetricStore
    api_id: str
    starts_an_hour: Callable[[float], float]
    trouble: Trouble | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def run(self, begins: float, ends: float) -> int:
        """Simulates the time between two moments; returns how many executions were started."""
        started, moment = 0, begins
        while moment < ends:
            started += self._start(moment)
            moment += self.chance.expovariate(self.starts_an_hour(moment) / 3600)
        for sweep in range(int(begins), int(ends), _SWEEP_SECONDS):
            self._sweep(sweep)
        for run in range(int(begins), int(ends), _ARCHIVE_SECONDS):
            self._call(WORKFLOW_ARCHIVE, run, 5, failed=False)
            self._own(MetricName.ARCHIVE_LAG, run, 0)
        return started

    def down(self, at: float, *outages: Outage) -> bool:
        """Whether one of them is down at a moment."""
        trouble = self.trouble
        return bool(trouble and trouble.outage in outages and trouble.begins <= at < trouble.ends)

    def _start(self, at: float) -> bool:
        for attempt in range(_TRIES):
            tried = at + attempt * 20
            refused = self.down(tried, Outage.DATABASE, Outage.CODE)
            self._call(WORKFLOW_START, tried, 0.4, failed=self.down(tried, Outage.CODE))
            self._request(tried, failed=refused)
            if not refused:
                self._execute(tried + 1, [self._action(tried) for _ in range(ACTIONS)])
                return True
        return False

    def _action(self, at: float) -> SimulatedAction:
        return one_action(
            self.chance,
            model_down=self.down(at, Outage.MODEL),
            throttling=self.down(at, Outage.THROTTLING),
        )

    def _execute(self, at: float, actions: list[SimulatedAction], tries: int = 0) -> None:
        slowest = max(action.seconds for action in actions)
        generated_at = at + max(slowest, sum(action.seconds for action in actions) / AT_ONCE)
        ends = generated_at + 4
        self._states("ExecutionsStarted", at)
        self._poll(at, ends)
        if self.down(at, Outage.DATABASE, Outage.CODE):
            self._die(at, at + 15)
            return
        self._call(WORKFLOW_PREPARE, at, 0.8)
        self._generate(at, generated_at, actions)
        if self.chance.random() < _CANCELLED:
            self._end(at, generated_at, "ExecutionsAborted", ExecutionStatus.ABORTED)
            return
        if self.down(ends, Outage.DATABASE, Outage.CODE):
            self._die(at, ends + 30)
            return
        for _ in range(math.ceil(len(actions) / 8)):
            self._call(WORKFLOW_SAVE_BATCH, ends, 0.6)
        self._call(WORKFLOW_FINISH, ends, 0.3)
        self._finish(at, ends, actions, tries)

    def _finish(self, at: float, ends: float, actions: list[SimulatedAction], tries: int) -> None:
        failed = [action for action in actions if action.outcome is not ActionOutcome.SAVED]
        self._own(MetricName.ACTIONS_SUCCEEDED, ends, len(actions) - len(failed))
        self._own(MetricName.ACTIONS_FAILED, ends, len(failed))
        if len(failed) == len(actions):
            self._end(at, ends, "ExecutionsFailed", ExecutionStatus.FAILED)
        elif failed:
            self._end(at, ends, "ExecutionsSucceeded", ExecutionStatus.PARTIALLY_SUCCEEDED)
        else:
            self._end(at, ends, "ExecutionsSucceeded", ExecutionStatus.SUCCEEDED)
        if failed and tries < len(_RETRIED) and self.chance.random() < _RETRIED[tries]:
            again = ends + 60
            self._call(WORKFLOW_START, again, 0.4)
            self._request(again)
            # what is hopeless fails again
            self._execute(
                again,
                [
                    each if each.outcome is ActionOutcome.HOPELESS else self._action(again)
                    for each in failed
                ],
                tries + 1,
            )

    def _die(self, at: float, ends: float) -> None:
        """The execution ends without the state Finish, and reconcile cannot end it either."""
        self._states("ExecutionsFailed", ends)
        self._states("ExecutionTime", ends, (ends - at) * 1000)
        dead_letter = ends + _EVENT_TRIES_SECONDS
        queue = metric_key(
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            QueueName=self.names.dead_letter_queue,
        )
        for minute in range(60):
            self.store.add(queue, dead_letter + minute * 60, 1)

    def _generate(self, at: float, ends: float, actions: list[SimulatedAction]) -> None:
        errors = metric_key(
            "AWS/Lambda", "Errors", FunctionName=self.names.function(TASK_GENERATION)
        )
        for action in actions:
            moment = self.chance.uniform(at, ends)
            seconds = action.seconds / action.calls
            self._call(TASK_GENERATION, moment, seconds, times=action.calls)
            if action.failed_attempts:
                self.store.add(errors, moment, action.failed_attempts)
                self._own(MetricName.FAILED_ATTEMPTS, moment, action.failed_attempts)
            if action.throttles:
                self._own(MetricName.MODEL_THROTTLES, moment, action.throttles)
                code = {Dimension.ERROR_CODE.value: ErrorCode.MODEL_THROTTLED.value}
                self._own(MetricName.FAILED_ATTEMPTS, moment, action.throttles, **code)
            for _ in range(action.answers):
                self._own(MetricName.MODEL_LATENCY, moment, 1000 * self.chance.uniform(4, 12))
            self._own(MetricName.COST_USD, moment, action.answers * _USD_A_CALL)
            if action.outcome is ActionOutcome.SAVED:
                self._own(MetricName.ACTIONS_GENERATED, moment)

    def _end(self, at: float, ends: float, name: str, status: ExecutionStatus) -> None:
        self._states(name, ends)
        self._states("ExecutionTime", ends, (ends - at) * 1000)
        self._own(MetricName.EXECUTIONS_ENDED, ends)
        self._own(MetricName.EXECUTIONS_ENDED, ends, 1, **{Dimension.STATUS.value: status.value})

    def _sweep(self, at: float) -> None:
        dead = self.down(at, Outage.CODE, Outage.RECONCILE)
        broken = dead or self.down(at, Outage.DATABASE)
        self._call(WORKFLOW_RECONCILE, at, 0.5, failed=broken)
        if not broken:
            self._own(MetricName.RECONCILE_LAG, at, 0)

    def _poll(self, at: float, ends: float) -> None:
        for moment in range(int(at), int(ends), _MINUTE):
            failed = self.down(moment, Outage.CODE)
            asked = min(_MINUTE, int(ends) - moment) / _POLL_SECONDS
            self._request(moment, failed=failed, times=asked)
            self._call(WORKFLOW_STATUS, moment, 0.05, failed=failed, times=asked)

    def _request(self, at: float, *, failed: bool = False, times: float = 1) -> None:
        by_api = {"ApiId": self.api_id}
        self.store.add(metric_key("AWS/ApiGateway", "Count", **by_api), at, times)
        self.store.add(metric_key("AWS/ApiGateway", "5xx", **by_api), at, times * failed)

    def _call(
        self,
        spec: FunctionSpec,
        at: float,
        seconds: float,
        *,
        failed: bool = False,
        times: float = 1,
    ) -> None:
        name = self.names.function(spec)
        self.store.add(metric_key("AWS/Lambda", "Invocations", FunctionName=name), at, times)
        self.store.add(metric_key("AWS/Lambda", "Duration", FunctionName=name), at, seconds * 1000)
        if failed:
            self.store.add(metric_key("AWS/Lambda", "Errors", FunctionName=name), at, times)

    def _states(self, name: str, at: float, value: float = 1) -> None:
        machine = self.names.state_machine_arn
        self.store.add(metric_key("AWS/States", name, StateMachineArn=machine), at, value)

    def _own(self, which: MetricName, at: float, value: float = 1, **broken_down: str) -> None:
        environment = {Dimension.ENVIRONMENT.value: self.names.environment}
        self.store.add(metric_key(NAMESPACE, which.value, **environment, **broken_down), at, value)
