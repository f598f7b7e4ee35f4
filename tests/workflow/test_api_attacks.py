"""All token attacks at once, beside honest users: no attack passes, no honest request suffers."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest

from localcloud.cluster.users import DEMO_USER, CognitoTokens, sign_in
from localcloud.run.api_client import ApiClient
from localcloud.run.http_calls import HttpResponse
from tests.workflow.api import PROTECTED, READING, Users, ask, rows_of, sign_in_all, until_it_ends
from tests.workflow.forged_tokens import ATTACKS
from tests.workflow.refusals import Report
from tests.workflow.stage import EndedExecution, Stage, small_goal

REFUSED = {401}
AT_ONCE = 8
TRIES = 5


@dataclass(frozen=True)
class Crowd:
    """Who asks: the headers of every attack, a stranger with a token of their own, the owner."""

    forged: dict[str, dict[str, str]]
    users: Users
    ended: EndedExecution

    @property
    def ids(self) -> dict[str, str]:
        """The ids that everybody asks for: the owner's."""
        return {"goalId": self.ended.mandala.goal_id, "executionId": self.ended.execution_id}


@pytest.fixture(scope="module")
def crowd(stage: Stage) -> Crowd:
    """An ended execution of the owner, and everybody's tokens."""
    tokens: CognitoTokens = sign_in(stage.state, DEMO_USER)
    forged: dict[str, dict[str, str]] = {}
    for attack in ATTACKS:
        authorization = attack.authorization(stage, tokens)
        forged[attack.name] = {} if authorization is None else {"Authorization": authorization}
    mandala = stage.place(small_goal("群衆の中の目標", size=1))
    return Crowd(forged, sign_in_all(stage), stage.run(mandala))


def attack_and_use(stage: Stage, crowd: Crowd, rounds: int, seed: int) -> Counter[str]:
    """So many rounds of every attack on every route, shuffled among honest requests; the count of
    the answers by who asked."""
    url, ids = stage.state.api_url, crowd.ids
    unknown = {"goalId": str(uuid4()), "executionId": "00000000-0000-7000-8000-000000000000"}
    requests: list[tuple[str, Callable[[], HttpResponse]]] = []
    for headers in crowd.forged.values():
        requests += [
            ("forged", partial(ask, url, route, ids, headers=headers)) for route in PROTECTED
        ]
    stranger, owner = crowd.users.other.token, crowd.users.owner.token
    for route in READING * 4:
        requests += [
            ("stranger", partial(ask, url, route, ids, token=stranger)),
            ("nobody's id", partial(ask, url, route, unknown, token=stranger)),
            ("owner", partial(ask, url, route, ids, token=owner)),
            ("owner", partial(ask, url, route, ids, token=owner)),
        ]
    requests *= rounds
    random.Random(seed).shuffle(requests)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(_send, (send for _, send in requests)))
    replies = [(who, answer) for (who, _), answer in zip(requests, answers, strict=True)]
    return assert_nobody_got_more_than_theirs(replies, crowd)


def _send(request: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer; after a documented 503 the request is repeated, as its Retry-After asks."""
    for _ in range(TRIES):
        reply = request()
        if reply.status != HTTPStatus.SERVICE_UNAVAILABLE:
            return reply
        assert reply.json()["error"]["retryable"]
        time.sleep(float(reply.headers["retry-after"]))
    return request()


def assert_nobody_got_more_than_theirs(
    replies: Sequence[tuple[str, HttpResponse]], crowd: Crowd
) -> Counter[str]:
    secrets = [crowd.ended.execution_id, *(a.action_id for a in crowd.ended.mandala.actions)]
    for who, reply in replies:
        if who == "forged":
            assert reply.status in REFUSED
            assert reply.json() == {"message": "Unauthorized"}
        elif who == "owner":
            assert reply.status == 200, reply.text
        else:
            assert reply.status in (200, 404), reply.text
            assert not any(secret in reply.text for secret in secrets)
    by_who = Counter(f"{who} {reply.status}" for who, reply in replies)
    # An existing id and an unknown one: the same answers, as often.
    for status in (200, 404):
        assert by_who[f"stranger {status}"] == by_who[f"nobody's id {status}"]
    return by_who


def test_attacks_among_honest_requests_get_nothing_and_spoil_nothing(
    stage: Stage, crowd: Crowd, report: Report
) -> None:
    before = rows_of(stage.conn, crowd.ended.mandala.goal_id)
    mandala = stage.place(small_goal("攻撃の最中に始める", size=2))
    started = crowd.users.owner.start(mandala.goal_id)

    answers = attack_and_use(stage, crowd, rounds=1, seed=1)

    report(f"attacks beside honest users: {dict(sorted(answers.items()))}")
    assert until_it_ends(crowd.users.owner, started["executionId"])["status"] == "SUCCEEDED"
    assert rows_of(stage.conn, crowd.ended.mandala.goal_id) == before


def test_a_second_authorization_header_makes_no_one_the_owner(stage: Stage, crowd: Crowd) -> None:
    own, theirs = f"Bearer {crowd.users.other.token}", crowd.forged["claims changed"]
    path = f"/workflows/{quote(crowd.ended.execution_id)}/status"
    for pair in ([own, theirs["Authorization"]], [theirs["Authorization"], own]):
        parts = urlsplit(stage.state.api_url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=40)
        connection.putrequest("GET", parts.path.rstrip("/") + path)
        for authorization in pair:
            connection.putheader("Authorization", authorization)
        connection.endheaders()
        reply = connection.getresponse()
        assert reply.status in (401, 404)
        assert crowd.ended.mandala.goal_id not in reply.read().decode()
        connection.close()


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_attacks_that_go_on_and_on_get_nothing_and_spoil_nothing(
    stage: Stage, crowd: Crowd, report: Report
) -> None:
    total: Counter[str] = Counter()
    owner: ApiClient = crowd.users.owner
    for seed in range(5):
        mandala = stage.place(small_goal(f"攻撃の最中に始める {seed}", size=2))
        started = owner.start(mandala.goal_id)
        total += attack_and_use(stage, crowd, rounds=3, seed=seed)
        assert until_it_ends(owner, started["executionId"])["status"] == "SUCCEEDED"
    report(f"attacks beside honest users, soak: {dict(sorted(total.items()))}")
