"""The bodies of the API's answers, each named after its schema in docs/openapi.yaml."""

from typing import NotRequired, TypedDict


class AcceptedBody(TypedDict):
    """Schema Accepted: the answer to a start and to a retry."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    totalActions: int
    startDate: str


class CancelledBody(TypedDict):
    """Schema Cancelled: the answer to a cancel."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    startDate: str
    stopDate: str


class TokensBody(TypedDict):
    """Schema Tokens: the tokens of the model calls."""

    input: int
    output: int


class CostBody(TypedDict):
    """Schema Cost: the cost of the model calls."""

    amount: float
    currency: str


class WaitingBody(TypedDict):
    """Of an execution that waits for its turn at the model."""

    message: str
    turnInSeconds: int


class _ExecutionFields(TypedDict):
    """The properties that every answer about an execution has."""

    executionId: str
    executionArn: str
    goalId: str
    parentExecutionId: NotRequired[str]
    status: str
    startDate: str
    stopDate: NotRequired[str]
    durationSeconds: float
    error: NotRequired[str]
    errorCode: NotRequired[str]
    totalActions: int
    tokens: TokensBody
    cost: CostBody


class ExecutionStatusBody(_ExecutionFields):
    """Schema ExecutionStatus: the progress of an execution."""

    progressPercentage: int
    processedActions: int
    failedActions: list[str]
    actionCounts: dict[str, int]
    etaSeconds: NotRequired[int]
    waiting: NotRequired[WaitingBody]
    stopping: NotRequired[bool]
    taskCount: int


class ActionErrorBody(TypedDict):
    """Why an action failed."""

    code: str
    message: str


class ActionBody(TypedDict):
    """Schema Action: one action of an execution."""

    actionId: str
    status: str
    taskCount: int
    attempts: int
    startDate: NotRequired[str]
    stopDate: NotRequired[str]
    durationSeconds: NotRequired[float]
    error: NotRequired[ActionErrorBody]
    tokens: TokensBody
    cost: CostBody


class ActionsBody(TypedDict):
    """Schema Actions: every action of an execution."""

    executionId: str
    status: str
    actions: list[ActionBody]


class ExecutionBody(_ExecutionFields):
    """Schema Execution: one execution in a list."""

    failedActions: NotRequired[list[str]]
    taskCount: NotRequired[int]


class ExecutionsBody(TypedDict):
    """Schema Executions: one page of a list."""

    executions: list[ExecutionBody]
    nextCursor: NotRequired[str]
