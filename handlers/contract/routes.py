"""The routes of the HTTP API and the functions that answer them."""

from dataclasses import dataclass

from handlers.contract.functions import (
    WORKFLOW_CANCEL,
    WORKFLOW_START,
    WORKFLOW_STATUS,
    FunctionSpec,
)

ADMIN_GROUP = "admin"
"""The user pool's group whose members may watch the executions of all users."""


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API and the function that answers it.

    public: answered without a token.
    """

    method: str
    path: str
    function: FunctionSpec
    public: bool = False

    @property
    def key(self) -> str:
        """The gateway's route key."""
        return f"{self.method} {self.path}"


ROUTES: tuple[Route, ...] = (
    Route("POST", "/goals/{goalId}/start-activity", WORKFLOW_START),
    Route("GET", "/goals/{goalId}/workflows", WORKFLOW_STATUS),
    Route("GET", "/workflows", WORKFLOW_STATUS),
    Route("GET", "/workflows/{executionId}/status", WORKFLOW_STATUS),
    Route("GET", "/workflows/{executionId}/actions", WORKFLOW_STATUS),
    Route("POST", "/workflows/{executionId}/cancel", WORKFLOW_CANCEL),
    Route("POST", "/workflows/{executionId}/retry", WORKFLOW_START),
    Route("GET", "/health", WORKFLOW_STATUS, public=True),
)
