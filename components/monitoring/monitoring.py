"""All that a stack watches, computed once: `__main__` makes it and hands it to what needs it."""

from components.monitoring.alarm_factory import Alarm, AlarmFactory
from components.monitoring.composites import Composite, composite_alarms
from components.monitoring.metric_factory import MetricFactory
from components.monitoring.resources.api import ApiMonitoring
from components.monitoring.resources.archiving import ArchivingMonitoring
from components.monitoring.resources.backups import BackupsMonitoring
from components.monitoring.resources.functions import FunctionsMonitoring
from components.monitoring.resources.model import ModelMonitoring
from components.monitoring.resources.notifications import NotificationsMonitoring
from components.monitoring.resources.reconciliation import ReconciliationMonitoring
from components.monitoring.resources.state_machine import StateMachineMonitoring
from components.monitoring.resources.table import TableMonitoring
from components.monitoring.saved_queries import SavedQuery, saved_queries
from components.names import Names
from components.settings import DEFAULT_ACCOUNT_CONCURRENCY, Settings
from handlers.contract.alarm_routes import COMPOSITE_ROUTES


class Monitoring:
    """One stack's monitoring, by resource; every alarm, composite and saved query of it.

    escalated: the alarms of what an outage shows while it lasts, whatever its cause and however few
        its users; each has a second alarm over a longer time.
    """

    names: Names
    settings: Settings
    escalated: tuple[Alarm, ...]
    alarms: tuple[Alarm, ...]
    composites: tuple[Composite, ...]
    saved_queries: tuple[SavedQuery, ...]

    def __init__(self, names: Names, settings: Settings) -> None:
        self.names, self.settings = names, settings
        metrics = MetricFactory(names)
        factory = AlarmFactory(names.prefix, settings.alarms)
        self.state_machine = StateMachineMonitoring(metrics, factory, settings.workflow_timeout)
        self.reconciliation = ReconciliationMonitoring(metrics, factory)
        self.archiving = ArchivingMonitoring(metrics, factory)
        self.backups = BackupsMonitoring(metrics, factory) if settings.backups.enabled else None
        self.model = ModelMonitoring(metrics, factory, settings.generation)
        self.functions = FunctionsMonitoring(
            metrics,
            factory,
            settings.generation,
            settings.account_concurrency or DEFAULT_ACCOUNT_CONCURRENCY,
        )
        self.table = TableMonitoring(metrics, factory, settings.table)
        self.api = ApiMonitoring(metrics, factory, settings.api_throttle)
        self.notifications = NotificationsMonitoring(metrics, factory)
        self.escalated = (
            self.reconciliation.silent,
            self.model.failure_rate,
            self.model.throttles,
            self.api.error_rate,
        )
        # Rules of composites and IAM documents list the alarms in this order.
        self.alarms = (
            *self.state_machine.outages,
            *self.reconciliation.alarms,
            *self.state_machine.notices,
            *self.model.alarms,
            *self.functions.alarms,
            *self.table.alarms,
            *self.api.alarms,
            *self.notifications.alarms,
            *self.archiving.alarms,
            *(self.backups.alarms if self.backups else ()),
            *map(factory.escalation, self.escalated),
        )
        self.composites = composite_alarms(names, factory, self.alarms)
        self.saved_queries = saved_queries(names)

    @property
    def children(self) -> list[str]:
        """Names of the alarms that make a composite fire."""
        return [each.name for each in self.alarms if each.route in COMPOSITE_ROUTES]
