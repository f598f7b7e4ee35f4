"""A hundred starts at once, ten times in a row; then with handlers killed in between."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from uuid import uuid4

import pytest

from localcloud.database.mandala import Mandala
from localcloud.run.api_client import ApiClient, ApiRefusedError
from localcloud.run.http_calls import HttpResponse, exchange
from tests.workflow.api import executions_of
from tests.workflow.handler_processes import killed_at_random
from tests.workflow.refusals import Report
from tests.workflow.stage import Stage, small_goal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

AT_ONCE, ROUNDS, KILLS_A_ROUND = 100, 10, 15
GRACE_IS_OVER = (
    "UPDATE goal_workflows SET updated_at = updated_at - interval '61 s' WHERE goal_id = %s"
)


@pytest.fixture(scope="module")
def api(stage: Stage) -> ApiClient:
    """A client, once there are as many handlers as it needs: 100 cold starts at once would take a
    small machine longer than the gateway waits."""
    stage.configure_model(
        latency=300
    )  # an execution outlasts the starts: its calls time out, and again
    api = ApiClient(stage.state.api_url, stage.token)
    for at_once in range(10, AT_ONCE + 1, 10):
        replies = start_at_once(api, str(uuid4()), at_once)
        assert {reply.status for reply in replies} == {404}
    return api


@pytest.fixture
def mandala(stage: Stage) -> Mandala:
    return stage.place(small_goal(f"百人が同時に {uuid4()}", size=1))


def start_at_once(api: ApiClient, goal_id: str, at_once: int = AT_ONCE) -> list[HttpResponse]:
    """The answers to starts that wait for each other before they are sent."""
    together = threading.Barrier(at_once)
    url = f"{api.url}/goals/{goal_id}/start-activity"

    def start(_: int) -> HttpResponse:
        together.wait()
        return exchange("POST", url, token=api.token)

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(start, range(at_once)))


def test_of_a_hundred_starts_one_is_accepted_ten_times_in_a_row(
    stage: Stage, api: ApiClient, mandala: Mandala, report: Report
) -> None:
    for number in range(1, ROUNDS + 1):
        replies = start_at_once(api, mandala.goal_id)

        assert Counter(reply.status for reply in replies) == {202: 1, 409: AT_ONCE - 1}
        [started] = [reply.json()["executionId"] for reply in replies if reply.status == 202]
        running = {
            reply.json()["error"]["details"]["executionId"]
            for reply in replies
            if reply.status == 409
        }
        assert running == {started}
        assert api.cancel(started)["status"] == "ABORTED"
        assert Counter(executions_of(stage, mandala.goal_id).values()) == {"ABORTED": number}
        assert stage.goal_state(mandala) == ("DRAFT", None, None)
    report(f"{ROUNDS} times {AT_ONCE} starts at once: each time one 202 and {AT_ONCE - 1} 409")


def test_with_handlers_killed_in_between_never_two_run_and_the_next_start_heals(
    stage: Stage, api: ApiClient, report: Report
) -> None:
    seed = random.randrange(1_000_000)
    report(f"starts with handlers killed, seed {seed}:")
    choice = random.Random(seed)
    statuses: Counter[int] = Counter()
    kills = 0
    for _ in range(ROUNDS):
        mandala = stage.place(small_goal(f"倒れながら同時に {uuid4()}", size=1))
        with killed_at_random(stage, "workflow-start", choice, KILLS_A_ROUND) as killed:
            replies = start_at_once(api, mandala.goal_id)
        kills += len(killed)
        statuses += Counter(reply.status for reply in replies)
        assert {reply.status for reply in replies} <= {202, 409, 500}

        # whoever holds the lock runs, or was killed on the way: that one the next start overtakes
        stage.conn.execute(GRACE_IS_OVER, (mandala.goal_id,))
        last = start_or_follow(api, mandala.goal_id)
        with suppress(ApiRefusedError):  # it may just have ended
            assert api.cancel(last)["status"] == "ABORTED"
        assert stage.goal_state(mandala)[1:] == (None, None)
        executions = api.executions(mandala.goal_id)["executions"]
        times = [(each["startDate"], each.get("stopDate", "never")) for each in executions]
        assert all(
            earlier_stop <= later_start
            for (_, earlier_stop), (later_start, _) in pairwise(reversed(times))
        ), times
        died = sum(each.get("errorCode") == "START_FAILED" for each in executions)
        assert [reply.status for reply in replies].count(202) <= len(executions) - died
    report(f"{kills} handlers killed in {ROUNDS} rounds; answers: {dict(statuses)}")
    assert statuses[500] > 0


def start_or_follow(api: ApiClient, goal_id: str) -> str:
    """The execution that this start, or an earlier one, has started."""
    try:
        return api.start(goal_id)["executionId"]
    except ApiRefusedError as refusal:
        return refusal.details["executionId"]
