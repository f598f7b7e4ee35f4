"""What the operators' commands call AWS on: kinds of places, whose ARNs `operator_grants` knows."""

from enum import Enum, auto


class On(Enum):
    """What a call is made on; `operator_grants` knows the ARNs."""

    EVERYTHING = auto()
    """An action without a resource level."""
    APIS = auto()
    ARCHIVE = auto()
    """The bucket of archived executions."""
    ARCHIVED = auto()
    """Its objects."""
    BACKUPS = auto()
    """DynamoDB's backups of the table."""
    BACKUP_PLANS = auto()
    """The stack's in AWS Backup, which chooses their ids."""
    BACKUP_VAULT = auto()
    EXECUTIONS = auto()
    FUNCTIONS = auto()
    FUNCTION_LOGS = auto()
    GOAL_INDEX = auto()
    INDEXES = auto()
    """Those of the table that lists are read from."""
    KEY = auto()
    LIVE = auto()
    """The alias `live` of every function."""
    LOGS = auto()
    MACHINE = auto()
    POOL = auto()
    """The user pool that the stack makes."""
    QUEUES = auto()
    """All of the stack, whose policies the security audit reads."""
    RESTORED = auto()
    """The tables that `restore` makes."""
    ROLES = auto()
    """Those of the functions and of the machine."""
    RULES = auto()
    SECRETS = auto()
    """Their policies; no role of operators reads a secret's value."""
    START = auto()
    """The alias `live` of workflow-start alone."""
    SWEEP = auto()
    """The alias `live` of workflow-reconcile alone."""
    TABLE = auto()
    TOPICS = auto()
    VERSIONS = auto()
    """Every version of every function."""
