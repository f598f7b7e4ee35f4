"""What the product's web client does, call by call (product-facts), and no more."""

import time
from typing import Any
from urllib.parse import quote

from localcloud.run.http_calls import exchange
from tests.workflow.api import rows_of
from tests.workflow.stage import Stage, small_goal

STATUS_KEYS: dict[str, type] = {
    "executionArn": str,
    "startDate": str,
    "status": str,
    "progressPercentage": int,
    "processedActions": int,
    "totalActions": int,
    "failedActions": list,
}
"""Read at every poll; stopDate and error where they are."""

FINAL = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PARTIALLY_SUCCEEDED"}
POLLS_AT_MOST = 100


class WebClient:
    """Knows a base URL and an ID token, and keeps the ARN that a start gave it."""

    def __init__(self, stage: Stage) -> None:
        self._url = stage.state.api_url
        self._token = stage.token

    def start(self, goal_id: str) -> Any:
        return self._call("POST", f"/goals/{goal_id}/start-activity", 202)

    def status(self, arn: str) -> Any:
        return self._call("GET", f"/workflows/{quote(arn, safe='')}/status", 200)

    def cancel(self, arn: str) -> Any:
        return self._call("POST", f"/workflows/{quote(arn, safe='')}/cancel", 200)

    def poll(self, arn: str) -> list[Any]:
        """Every answer until the last (every 0.3 s instead of 3)."""
        answers: list[Any] = []
        while len(answers) < POLLS_AT_MOST:
            answers.append(self.status(arn))
            if answers[-1]["status"] in FINAL:
                break
            time.sleep(0.3)
        return answers

    def _call(self, method: str, path: str, wanted: int) -> Any:
        reply = exchange(method, self._url + path, token=self._token)
        assert reply.status == wanted, reply.text
        return reply.json()


def test_it_starts_polls_by_the_encoded_arn_and_stops(stage: Stage) -> None:
    mandala = stage.place(small_goal("ウェブ画面から", size=4))
    stage.tell_model({mandala.actions[0].action_id: {"kind": "refused"}}, latency=0.5)
    client = WebClient(stage)

    started = client.start(mandala.goal_id)
    assert {"executionArn", "startDate", "status"} <= set(started)
    assert started["status"] == "RUNNING"
    arn = started["executionArn"]
    assert arn.startswith("arn:aws:states:")

    answers = client.poll(arn)
    for answer in answers:
        assert all(isinstance(answer[key], kind) for key, kind in STATUS_KEYS.items())
        assert answer["executionArn"] == arn
    progress = [answer["progressPercentage"] for answer in answers]
    assert progress == sorted(progress)
    last = answers[-1]
    assert (last["status"], last["progressPercentage"]) == ("PARTIALLY_SUCCEEDED", 100)
    assert (last["processedActions"], last["totalActions"]) == (4, 4)
    assert last["failedActions"] == [mandala.actions[0].action_id]
    assert last["stopDate"] > last["startDate"]


def test_it_cancels_by_the_encoded_arn(stage: Stage) -> None:
    mandala = stage.place(small_goal("画面で取り消す", size=2))
    before = rows_of(stage.conn, mandala.goal_id)
    stage.tell_model(latency=3)
    client = WebClient(stage)
    arn = client.start(mandala.goal_id)["executionArn"]

    cancelled = client.cancel(arn)

    assert (cancelled["status"], cancelled["executionArn"]) == ("ABORTED", arn)
    [last] = client.poll(arn)
    assert last["status"] == "ABORTED"
    assert last["stopDate"] == cancelled["stopDate"]
    assert isinstance(last["error"], str)
    after = rows_of(stage.conn, mandala.goal_id)
    assert {**after, "goal_workflows": []} == {**before, "goal_workflows": []}
    assert stage.goal_state(mandala) == ("DRAFT", None, None)


def test_it_shows_what_an_error_says_in_japanese(stage: Stage) -> None:
    reply = exchange(
        "GET", f"{stage.state.api_url}/workflows/{stage.state.user_pool_id}/status",
        token=stage.token,
    )  # fmt: skip
    assert reply.status == 400
    error = reply.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert "executionId" in error["message"]
    assert any("ぁ" <= character <= "ん" for character in error["message"])
