"""Thousands of generated requests get the documented answers."""
# pyright: basic
# (schemathesis is typed in part)

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

from localcloud.cluster.state import CHECKOUT
from tests.workflow.refusals import Report
from tests.workflow.stage import Stage, small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

CONTRACT = schemathesis.openapi.from_path(CHECKOUT / "docs/openapi.yaml")
load_all_checks()
ALWAYS: Any = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
AS_GENERATED: Any = CHECKS.get_by_names(["negative_data_rejection"])
EXAMPLES_AN_OPERATION = 170
LEAST_EXAMPLES = 2000
answered: Counter[str] = Counter()


@pytest.fixture(scope="module")
def existing(stage: Stage) -> dict[str, str]:
    """The ids of a goal and an execution of the caller."""
    ended = stage.run(stage.place(small_goal(f"契約どおり {uuid4()}", size=1)))
    return {"goalId": ended.mandala.goal_id, "executionId": ended.execution_id}


@pytest.fixture(scope="module")
def session(stage: Stage) -> requests.Session:
    """A session that replaces generated tokens by a real one."""
    session = requests.Session()
    session.trust_env = False

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if "Authorization" in request.headers:
            request.headers["Authorization"] = f"Bearer {stage.token}"
        return request

    session.auth = sign
    return session


@CONTRACT.parametrize()
@settings(
    max_examples=EXAMPLES_AN_OPERATION,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_generated_request_gets_a_documented_answer(
    case: schemathesis.Case, stage: Stage, session: requests.Session, existing: dict[str, str]
) -> None:
    url = stage.state.api_url
    for checks, parameters in (
        ([*ALWAYS, *AS_GENERATED], case.path_parameters),
        # existing ids reach more code than generated ones
        (ALWAYS, {name: existing[name] for name in case.path_parameters or {}}),
    ):
        case.path_parameters = parameters
        response = case.call(base_url=url, session=session)
        case.validate_response(response, checks=checks)
        answered[f"{case.operation.label} {response.status_code}"] += 1


def test_enough_requests_were_generated(report: Report) -> None:
    total = sum(answered.values())
    report(f"{total} generated requests got documented answers:")
    for name, count in sorted(answered.items()):
        report(f"{count:>6} {name}")
    assert total >= LEAST_EXAMPLES
