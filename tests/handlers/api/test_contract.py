"""The answers to generated requests, valid and invalid, are documented in docs/openapi.yaml."""
# pyright: basic
# (schemathesis is typed in part)

import io
import json
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests.adapters import HTTPAdapter
from schemathesis.checks import CHECKS, load_all_checks
from urllib3 import HTTPResponse

from tests.handlers import gateway
from tests.handlers.gateway import User
from tests.handlers.world import ProductGoal


class GatewayAdapter(HTTPAdapter):
    """Sends the requests of `requests` to the API in this process, as one user."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self._user = user

    def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
        user = self._user if "Authorization" in request.headers else None
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = gateway.request(
            user, request.method, request.path_url, body=body, headers=request.headers
        )
        response = HTTPResponse(
            io.BytesIO(json.dumps(answer.body).encode()),
            headers=answer.headers or {"Content-Type": "application/json"},
            status=answer.status,
            preload_content=False,
        )
        return self.build_response(request, response)


CONTRACT = schemathesis.openapi.from_path(Path(__file__).parents[3] / "docs/openapi.yaml")
CONTRACT.config.phases.coverage.enabled = False  # hundreds of requests: for `make soak`
load_all_checks()
ALWAYS: Any = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
AS_GENERATED: Any = CHECKS.get_by_names(["negative_data_rejection"])


@CONTRACT.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_answer_to_any_request_is_documented(
    case: schemathesis.Case, goal: ProductGoal, execution: str
) -> None:
    """Few examples here; the whole API on the embedded cloud gets thousands (make soak)."""
    session = requests.Session()
    session.mount("http://gateway", GatewayAdapter(User(goal.user_id)))
    case.call_and_validate("http://gateway", session, checks=[*ALWAYS, *AS_GENERATED])
    existing = {"goalId": goal.goal_id, "executionId": execution}
    case.path_parameters = {name: existing[name] for name in case.path_parameters}
    case.call_and_validate("http://gateway", session, checks=ALWAYS)
