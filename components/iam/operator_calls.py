"""What the operators' commands call: a line a command, from which two roles get their grants.

`look` reads; `act` changes, and reads what that takes. Run by a test as these roles, every command
has to get through, and every grant has to be needed (tests/workflow/operators.py).
"""

from enum import Enum, auto


class On(Enum):
    """What a call is made on; `operator_grants` knows the ARNs."""

    EVERYTHING = auto()
    """An action without a resource level."""
    APIS = auto()
    EXECUTIONS = auto()
    FUNCTIONS = auto()
    GOAL_INDEX = auto()
    INDEXES = auto()
    """Those of the table that lists are read from."""
    KEY = auto()
    LIVE = auto()
    """The alias `live` of every function."""
    LOGS = auto()
    MACHINE = auto()
    QUERIED = auto()
    """The log groups that saved queries read: all but the API's."""
    RULES = auto()
    START = auto()
    """The alias `live` of workflow-start alone."""
    TABLE = auto()
    TOPICS = auto()
    VERSIONS = auto()
    """Every version of every function."""


Call = tuple[On, str]

_ITEMS = ((On.TABLE, "dynamodb:GetItem"), (On.TABLE, "dynamodb:Query"))
_EXECUTION = (*_ITEMS, (On.EXECUTIONS, "states:DescribeExecution"))
_EXECUTIONS = ((On.INDEXES, "dynamodb:Query"),)
_EXECUTIONS_OF_A_GOAL = ((On.GOAL_INDEX, "dynamodb:Query"),)
_LOGS = ((On.LOGS, "logs:FilterLogEvents"),)
_LIVE = (
    (On.FUNCTIONS, "lambda:GetAlias"),
    (On.FUNCTIONS, "lambda:ListVersionsByFunction"),
    (On.MACHINE, "states:DescribeStateMachine"),
    (On.MACHINE, "states:DescribeStateMachineAlias"),
    (On.MACHINE, "states:ListStateMachineVersions"),
)
_HEALTH = ((On.APIS, "apigateway:GET"),)

_VERIFY = (
    *_LIVE,
    *_HEALTH,
    (On.EVERYTHING, "cloudwatch:DescribeAlarms"),
    (On.EVERYTHING, "lambda:ListEventSourceMappings"),
    (On.EVERYTHING, "logs:DescribeLogGroups"),
    (On.KEY, "kms:DescribeKey"),
    (On.KEY, "kms:GetKeyRotationStatus"),
    (On.LIVE, "lambda:GetFunctionConfiguration"),
    (On.LIVE, "lambda:GetProvisionedConcurrencyConfig"),
    (On.RULES, "events:DescribeRule"),
    (On.RULES, "events:ListTargetsByRule"),
    (On.TABLE, "dynamodb:DescribeContinuousBackups"),
    (On.TABLE, "dynamodb:DescribeTable"),
    (On.TABLE, "dynamodb:DescribeTimeToLive"),
    (On.TOPICS, "sns:GetTopicAttributes"),
    (On.TOPICS, "sns:ListSubscriptionsByTopic"),
)
_START = (On.START, "lambda:InvokeFunction")

LOOK: dict[str, tuple[Call, ...]] = {
    "doctor": (*_EXECUTIONS, *_EXECUTION, *_LOGS, (On.EVERYTHING, "cloudwatch:GetMetricData")),
    "executions list": _EXECUTIONS,
    "executions show": _EXECUTION,
    "executions watch": _EXECUTION,
    "goal": (*_EXECUTIONS, *_EXECUTION),
    "logs": _LOGS,
    "query": ((On.EVERYTHING, "logs:GetQueryResults"), (On.QUERIED, "logs:StartQuery")),
    "trace": (*_ITEMS, (On.EXECUTIONS, "states:GetExecutionHistory")),
    "verify": _VERIFY,
}
"""Command -> what it calls, of those that change nothing."""

ACT: dict[str, tuple[Call, ...]] = {
    "executions retry": (*_EXECUTION, _START),
    "executions stop": (*_EXECUTION, (On.EXECUTIONS, "states:StopExecution")),
    "prune": (
        (On.FUNCTIONS, "lambda:ListAliases"),
        (On.FUNCTIONS, "lambda:ListProvisionedConcurrencyConfigs"),
        (On.FUNCTIONS, "lambda:ListVersionsByFunction"),
        (On.VERSIONS, "lambda:DeleteFunction"),
        (On.MACHINE, "states:DeleteStateMachineVersion"),
        (On.MACHINE, "states:DescribeStateMachineAlias"),
        (On.MACHINE, "states:ListStateMachineAliases"),
        (On.MACHINE, "states:ListStateMachineVersions"),
    ),
    "rollback": (
        *_LIVE,
        *_HEALTH,
        (On.FUNCTIONS, "lambda:UpdateAlias"),
        (On.MACHINE, "states:UpdateStateMachineAlias"),
        (On.VERSIONS, "lambda:GetFunctionConfiguration"),
    ),
    "verify --canary": (
        # without what rollback has: on every version, so on the live one too
        *(call for call in _VERIFY if call != (On.LIVE, "lambda:GetFunctionConfiguration")),
        (On.VERSIONS, "lambda:GetFunctionConfiguration"),
        *_EXECUTIONS_OF_A_GOAL,
        *_EXECUTION,
        _START,
    ),
}
"""Command -> what it calls, of those that change something."""

READS_VARIABLES = "lambda:GetFunctionConfiguration"
"""On a version it is read with its environment, which the stack's key encrypts: `rollback` shows
which variables change."""
