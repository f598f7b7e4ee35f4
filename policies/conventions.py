"""What the pack expects of this product: a pack for another one changes the values here."""

PROTECTED_STACKS = frozenset({"prod"})
"""Stacks whose data must be protected and whose logs must be kept for long."""

LOCAL_STACKS = frozenset({"local"})
"""Stacks that may go to an emulator on the same machine."""

PROTECTED_LOG_DAYS = 90
"""How long a protected stack keeps its logs, at least (guide: CloudWatch Logs)."""

LOG_DAYS = 30
"""How long another stack keeps the logs of a log group that names no time (remediation)."""

PUBLIC_ROUTES = frozenset({"GET /health"})
"""API routes that answer without a token (design: HTTP API)."""

REQUIRED_TAGS = ("Project", "Environment")
"""Tags of every resource that can have some; Environment is the stack's name."""

MIN_PASSWORD_CHARACTERS = 12
"""Of a user pool (guide: アクセス制御)."""

WORKFLOW = "goal-mandala"
"""The project whose program declares the workflow."""

FINISHER = "workflow-finish"
"""The end of the name of the function that ends executions and releases the goal's lock."""

PHASES = ("workflow-prepare", "task-generation", "workflow-save-batch", FINISHER)
"""The ends of the names of the functions that an execution calls, in order."""

SAVER = "workflow-save-batch"
"""The end of the name of the function that saves to PostgreSQL, a transaction a call."""

MAX_TRANSACTIONS = 20
"""How many run at once: a small database has some 80 connections, which the product uses too."""

RECONCILER = "workflow-reconcile"
"""The end of the name of the function that ends dead executions (design: Functions)."""

ARCHIVER = "workflow-archive"
"""The end of the name of the function that copies executions to the archive."""

ARCHIVE_MARGIN_DAYS = 7
"""Between the copy of an execution and its deletion by TTL, at least."""

ARCHIVE_DAYS = 365
"""How long a protected stack's archive keeps an execution, at least."""

BACKUP_DAYS = 35
"""How long a protected stack keeps a backup, at least: as far back as recovery goes."""

SWEEP_MINUTES = 5
"""How long a dead execution may keep its goal locked, at most (design: Invariants, 2)."""

DEAD_ENDINGS = frozenset({"ABORTED", "FAILED", "TIMED_OUT"})
"""Statuses of executions that end without their last state (design: Data)."""

TTL_ATTRIBUTE = "ttl"
"""The attribute that the handlers write (design: Data)."""

TABLE_KEYS = ("pk", "sk")
TABLE_INDEXES = {"goalId-index": "goalId", "userId-index": "userId", "month-index": "month"}
"""Hash and range key of the table; index -> its hash key (design: Data)."""

RECOVERY_DAYS = 35
"""Point-in-time recovery of a protected stack; DynamoDB's default and most."""

MAX_REFRESH_DAYS = 30
"""How long a lost device stays signed in, at most; Cognito's default."""
