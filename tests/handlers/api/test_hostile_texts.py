"""Hostile texts in ids, queries, bodies and headers: refused by name, and nothing of the answer
changes but the value that is quoted."""

import io
import json
from urllib.parse import quote
from uuid import uuid4

import pytest

import handlers.workflow_cancel as cancel_entry
from handlers.contract.hidden_text import without_hidden
from tests.attacks.attack import ATTACKS, CANARY, CATEGORIES, TextAttack, of
from tests.handlers.api.conftest import Api, Calls
from tests.handlers.gateway import ApiAnswer, User
from tests.handlers.world import ProductGoal

HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
UNKNOWN = "0192f3c9-7d1e-7abc-8def-0123456789ab"


def sent(attack: TextAttack, api: Api, user: User, goal: ProductGoal) -> list[ApiAnswer]:
    """The text at every place of a request that a caller fills."""
    text = attack.text[:3_000]
    encoded = quote(text, safe="")
    start = f"/goals/{goal.goal_id}/start-activity"
    cancel = f"/workflows/{UNKNOWN}/cancel"
    return [
        api(user, "GET", f"/workflows/{encoded}/status"),
        api(user, "GET", f"/goals/{encoded}/workflows"),
        api(user, "POST", f"/workflows/{encoded}/cancel"),
        *(
            api(user, "GET", f"/workflows?{name}={encoded}")
            for name in ("status", "limit", "cursor", encoded or "x")
        ),
        api(user, "GET", f"/goals/{goal.goal_id}/workflows?from={encoded}"),
        api(user, "POST", cancel, json_body={text: text}),
        api(user, "POST", cancel, json_body={"reason": [text]}),
        api(user, "POST", cancel, body=text.encode(), headers={"content-type": "application/json"}),
        api(user, "POST", start, body=b"{}", headers={"content-type": text}),
        api(user, "POST", start, headers={"idempotency-key": f" {text}"}),
    ]


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_hostile_text_is_refused_and_quoted_as_json_only(
    category: str, api: Api, goal: ProductGoal, owner: User
) -> None:
    for attack in of(category)[:5]:
        for answer in sent(attack, api, owner, goal):
            assert answer.status in (400, 404), (str(attack), answer)
            assert answer.headers == HEADERS, (str(attack), answer)
            assert set(answer.body) == {"error", "requestId"}
            assert CANARY not in answer.body["requestId"]
            assert len(json.dumps(answer.body)) < 4_000


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_hostile_reason_is_refused_or_stays_one_value_in_one_line(
    category: str, api: Api, owner: User, execution: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = io.StringIO()
    monkeypatch.setattr(cancel_entry.telemetry.logger.registered_handler, "stream", logged)
    reasons = [attack.text[:200] for attack in of(category)]
    statuses = [
        api(owner, "POST", f"/workflows/{execution}/cancel", json_body={"reason": reason}).status
        for reason in reasons
    ]
    # Unreadable, or accepted: the first one ends the execution.
    assert set(statuses) <= {400, 200, 409}
    lines = [json.loads(line) for line in logged.getvalue().split("\n") if line]
    accepted = [without_hidden(r) for r, s in zip(reasons, statuses, strict=True) if s == 200]
    assert [line["reason"] for line in lines if line["message"] == "cancelled"] == accepted
    assert len(accepted) == min(1, sum(status != 400 for status in statuses))


def test_an_id_of_another_user_takes_the_same_reads_as_an_unknown_one(
    api: Api, execution: str, goal: ProductGoal, stranger: User, calls: Calls
) -> None:
    """What is done is the same, so the time that it takes tells nothing."""
    api(stranger, "POST", f"/goals/{uuid4()}/start-activity")  # The first one reads the secret.
    for method, path in (
        ("GET", "/workflows/{}/status"),
        ("GET", "/workflows/{}/actions"),
        ("POST", "/workflows/{}/cancel"),
        ("POST", "/workflows/{}/retry"),
    ):
        made: list[list[str]] = []
        for identity in (execution, UNKNOWN):
            calls.made.clear()
            assert api(stranger, method, path.format(identity)).status == 404
            made.append(calls.operations())
        assert made[0] == made[1], path
    made = []
    for identity in (goal.goal_id, str(uuid4())):
        calls.made.clear()
        assert api(stranger, "POST", f"/goals/{identity}/start-activity").status == 404
        made.append(calls.operations())
    assert made[0] == made[1]


def test_every_category_is_sent() -> None:
    assert {attack.category for attack in ATTACKS} == set(CATEGORIES)
