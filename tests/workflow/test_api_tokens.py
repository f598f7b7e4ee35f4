"""Callers without access, on every route: refused, without any information."""

import pytest

from localcloud.cluster.users import DEMO_USER, CognitoTokens, sign_in
from localcloud.run.api_client import ApiClient
from localcloud.run.http_calls import HttpResponse
from tests.workflow.api import (
    HEALTH,
    PROTECTED,
    READING,
    Users,
    ask,
    comparable,
    rows_of,
    sign_in_all,
    until_it_ends,
)
from tests.workflow.forged_tokens import ATTACKS, Attack
from tests.workflow.refusals import RouteReport
from tests.workflow.stage import EndedExecution, Stage, small_goal

UNKNOWN = {
    "goalId": "00000000-0000-4000-8000-000000000000",
    "executionId": "00000000-0000-7000-8000-000000000000",
}


@pytest.fixture(scope="module")
def users(stage: Stage) -> Users:
    return sign_in_all(stage)


@pytest.fixture(scope="module")
def tokens(stage: Stage) -> CognitoTokens:
    return sign_in(stage.state, DEMO_USER)


@pytest.fixture(scope="module")
def ended(stage: Stage) -> EndedExecution:
    """An execution of the owner that has ended with one failed action."""
    mandala = stage.place(small_goal("鍵のかかった目標", size=2))
    return stage.run(mandala, {mandala.actions[0].action_id: {"kind": "refused"}})


def ids_of(ended: EndedExecution) -> dict[str, str]:
    return {"goalId": ended.mandala.goal_id, "executionId": ended.execution_id}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_invalid_token_gets_401_on_every_route(
    stage: Stage,
    tokens: CognitoTokens,
    ended: EndedExecution,
    attack: Attack,
    report_routes: RouteReport,
) -> None:
    authorization = attack.authorization(stage, tokens)
    headers = {} if authorization is None else {"Authorization": authorization}
    before = rows_of(stage.conn, ended.mandala.goal_id)

    replies = [
        ask(stage.state.api_url, route, ids_of(ended), headers=headers) for route in PROTECTED
    ]

    report_routes(attack.name, replies)
    assert {reply.status for reply in replies} == {401}
    assert [reply.json() for reply in replies] == [{"message": "Unauthorized"}] * len(replies)
    assert rows_of(stage.conn, ended.mandala.goal_id) == before


def test_an_access_token_of_the_client_is_accepted_like_an_id_token(
    stage: Stage, tokens: CognitoTokens, ended: EndedExecution, report_routes: RouteReport
) -> None:
    ids = ids_of(ended)
    by_id = [ask(stage.state.api_url, route, ids, token=tokens.id) for route in READING]
    by_access = [ask(stage.state.api_url, route, ids, token=tokens.access) for route in READING]

    assert {reply.status for reply in by_access} == {200}
    assert [comparable(reply) for reply in by_access] == [comparable(reply) for reply in by_id]
    goal = stage.place(small_goal("アクセストークンで", size=1))
    changing = [
        ask(stage.state.api_url, route, {**ids, "goalId": goal.goal_id}, token=tokens.access)
        for route in PROTECTED
    ]
    report_routes("(access token of the owner)", changing)
    for reply in (changing[0], changing[-1]):
        until_it_ends(ApiClient(stage.state.api_url, tokens.id), reply.json()["executionId"])
    # start, the reads, cancel of an ended execution, retry of failed actions
    assert [reply.status for reply in changing] == [202, 200, 200, 200, 200, 409, 202]


@pytest.mark.parametrize("by_arn", [False, True], ids=["by id", "by ARN"])
def test_another_users_ids_get_the_same_answers_as_unknown_ids(
    stage: Stage, users: Users, ended: EndedExecution, report_routes: RouteReport, by_arn: bool
) -> None:
    ids, unknown = ids_of(ended), UNKNOWN
    if by_arn:
        arn = stage.state.state_machine_arn.replace(":stateMachine:", ":execution:")
        prefix = arn.rpartition(":")[0]
        ids, unknown = (
            {**each, "executionId": f"{prefix}:{each['executionId']}"} for each in (ids, UNKNOWN)
        )
    before = rows_of(stage.conn, ended.mandala.goal_id)

    def answers(names: dict[str, str]) -> list[HttpResponse]:
        return [
            ask(stage.state.api_url, route, names, token=users.other.token) for route in PROTECTED
        ]

    foreign = answers(ids)

    report_routes("another user's ids" + (", ARN" if by_arn else ""), foreign)
    assert [comparable(reply) for reply in foreign] == [
        comparable(reply) for reply in answers(unknown)
    ]
    for route, reply in zip(PROTECTED, foreign, strict=True):
        assert reply.status == (200 if route.path.endswith("workflows") else 404)
        assert ended.execution_id not in reply.text.replace(ids["executionId"], "")
    assert rows_of(stage.conn, ended.mandala.goal_id) == before


def test_an_admin_may_read_everything_and_change_nothing(
    stage: Stage, users: Users, ended: EndedExecution, report_routes: RouteReport
) -> None:
    before = rows_of(stage.conn, ended.mandala.goal_id)

    ids = ids_of(ended)
    replies = [ask(stage.state.api_url, route, ids, token=users.admin.token) for route in PROTECTED]

    report_routes("(admin, another user's ids)", replies)
    assert [reply.status for reply in replies] == [
        200 if route.method == "GET" else 404 for route in PROTECTED
    ]
    listed = users.admin.executions(ended.mandala.goal_id)["executions"]
    assert ended.execution_id in {execution["executionId"] for execution in listed}
    assert rows_of(stage.conn, ended.mandala.goal_id) == before


def test_health_needs_no_token(stage: Stage) -> None:
    reply = ask(stage.state.api_url, HEALTH, {})
    assert (reply.status, reply.json()) == (200, {"status": "ok"})
