"""The requests of the product's web client (product-facts)."""

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
"""The properties that every poll reads; stopDate and error are optional."""

FINAL = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PARTIALLY_SUCCEEDED"}
MAX_POLLS = 100


class WebClient:
    """A client with a base URL and an ID token; it uses the ARN that a start returns."""

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
        """All answers until the last (every 0.3 s instead of 3)."""
        answers: list[Any] = []
        while len(answers) < MAX_POLLS:
            answers.append(self.status(arn))
            if answers[-1]["status"] in FINAL:
                break
            time.sleep(0.3)
        return answers

    def _call(self, method: str, path: str, expected: int) -> Any:
        reply = exchange(method, self._url + path, token=self._token)
        assert reply.status == expected, reply.text
        return reply.json()


def test_the_client_starts_and_polls_by_the_encoded_arn_until_the_end(stage: Stage) -> None:
    mandala = stage.place(small_goal("ウェブ画面から", size=4))
    stage.configure_model({mandala.actions[0].action_id: {"kind": "refused"}}, latency=0.5)
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


def test_the_client_cancels_by_the_encoded_arn(stage: Stage) -> None:
    mandala = stage.place(small_goal("画面で取り消す", size=2))
    before = rows_of(stage.conn, mandala.goal_id)
    stage.configure_model(latency=3)
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


def test_the_client_gets_error_messages_in_japanese(stage: Stage) -> None:
    reply = exchange(
        "GET", f"{stage.state.api_url}/workflows/{stage.state.user_pool_id}/status",
        token=stage.token,
    )  # fmt: skip
    assert reply.status == 400
    error = reply.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert "executionId" in error["message"]
    assert any("ぁ" <= character <= "ん" for character in error["message"])
