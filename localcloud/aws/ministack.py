"""MiniStack's modules; they are untyped and private, so its version is pinned."""

import importlib
from typing import TYPE_CHECKING, Any

Json = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]

app: Any = importlib.import_module("ministack.app")
responses: Any = importlib.import_module("ministack.core.responses")
iam_actions: Any = importlib.import_module("ministack.core.iam_actions")
iam: Any = importlib.import_module("ministack.core.iam_evaluator")
roles: Any = importlib.import_module("ministack.services.iam")
lambda_runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
backups: Any = importlib.import_module("ministack.services.backup")
cloudwatch: Any = importlib.import_module("ministack.services.cloudwatch")
eventbridge: Any = importlib.import_module("ministack.services.eventbridge")
gateway: Any = importlib.import_module("ministack.services.apigateway")
functions: Any = importlib.import_module("ministack.services.lambda_svc")
keys: Any = importlib.import_module("ministack.services.kms")
logs: Any = importlib.import_module("ministack.services.cloudwatch_logs")
sns: Any = importlib.import_module("ministack.services.sns")
tables: Any = importlib.import_module("ministack.services.dynamodb")
tagging: Any = importlib.import_module("ministack.services.tagging")
states: Any = importlib.import_module("ministack.services.stepfunctions")
sts: Any = importlib.import_module("ministack.services.sts")

if TYPE_CHECKING:

    class ExecutionError(Exception):
        """Raised by whatever fails a state; a Fail state may name neither error nor cause."""

        def __init__(self, error: str | None, cause: str | None) -> None:
            self.error = error
            self.cause = cause
else:
    ExecutionError = states._ExecutionError
