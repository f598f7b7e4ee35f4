"""`alarms`, and the evaluation of the alarms once a minute while the cloud is served."""

import time
from collections.abc import Callable
from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from components.names import Names
from handlers.contract.functions import WORKFLOW_RECONCILE
from localcloud.aws.cloudwatch.alarm_definitions import AlarmState
from localcloud.aws.cloudwatch.cloud_monitor import CloudMonitor
from localcloud.cluster.state import STACK, CloudState

_MINUTE = 60


class AlarmWatch:
    """Evaluates the alarms once a minute and prints the state changes that notify a topic."""

    def __init__(
        self, state: CloudState, console: Console, clock: Callable[[], float] = time.time
    ) -> None:
        self._state = state
        self._console = console
        self._clock = clock
        self._monitor = CloudMonitor(state.client)
        self._evaluated_at = clock()
        self._invoke_reconcile()

    def tick(self) -> None:
        """Evaluate if a minute has passed since the last time; a cloud that is gone is no error."""
        now = self._clock()
        if now - self._evaluated_at < _MINUTE:
            return
        self._evaluated_at = now
        with suppress(BotoCoreError, ClientError):
            for change in self._monitor.evaluate(now):
                if change.topics:
                    self._console.print(f"{change.alarm.name}: {change.old} -> {change.new}")

    def _invoke_reconcile(self) -> None:
        # The schedule's first call comes after five minutes; until then the alarm on missing calls
        # of this function would fire.
        names = Names(STACK, self._state.account_id, self._state.region)
        with suppress(BotoCoreError, ClientError):
            self._state.client("lambda").invoke(
                FunctionName=names.function_alias_arn(WORKFLOW_RECONCILE), InvocationType="Event"
            )


def print_alarms(state: CloudState, console: Console) -> None:
    """Evaluate every alarm now, and print those that are not OK with the reason."""
    CloudMonitor(state.client).evaluate(time.time())
    pages = state.client("cloudwatch").get_paginator("describe_alarms")
    found = [
        alarm
        for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])
    ]
    table = Table("alarm", "state", "reason", box=None)
    for alarm in found:
        if alarm["StateValue"] != AlarmState.OK:
            table.add_row(alarm["AlarmName"], alarm["StateValue"], alarm["StateReason"])
    console.print(table if table.rows else f"All {len(found)} alarms are OK.")
