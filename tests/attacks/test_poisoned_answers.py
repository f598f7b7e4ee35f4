"""Answers that no model should give: an error of ours or tasks within the rules, never more."""

import json
import math
from datetime import UTC, datetime

import pytest

from handlers.api.views import actions_view, status_view
from handlers.contract.statuses import ActionStatus
from handlers.storage.models import WorkItem
from handlers.storage.work_item_format import work_item
from ops.trace.page import page
from ops.trace.picture import picture
from tests.attacks.attack import HARMLESS
from tests.attacks.conftest import Outcome, PoisonedWorker
from tests.attacks.poisoned_bodies import bodies
from tests.attacks.written import assert_is_ours
from tests.handlers.scripted_bedrock import ScriptedAnswer
from tests.ops.trace.parts import at, record

BODIES = bodies()
MOST_CHARACTERS_OF_A_DETAIL = 2_000
NAMES = list(BODIES)
GROUPS = [NAMES[first : first + 20] for first in range(0, len(NAMES), 20)]


def assert_is_bounded(name: str, outcome: Outcome) -> WorkItem:
    item = work_item(outcome.item)
    assert item.status is (ActionStatus.GENERATING if outcome.error else ActionStatus.GENERATED)
    assert item.calls_started == item.calls_ended == len(outcome.requests), name
    assert 0 <= item.usage.input_tokens <= 20_000_000, name
    assert 0 <= item.usage.cost_usd < 100_000, name
    assert len(item.error_detail or "") <= MOST_CHARACTERS_OF_A_DETAIL, name
    assert bool(outcome.tasks) != bool(outcome.error), name
    for request in outcome.requests:
        assert len(json.dumps(request)) < 300_000, name
        json.dumps(request, allow_nan=False, ensure_ascii=False).encode()
    return item


def assert_can_be_shown(name: str, item: WorkItem) -> None:
    shown = [
        status_view(record(), [item], datetime.now(UTC)),
        actions_view(record(), [item]),
    ]
    json.dumps(shown, allow_nan=False).encode()
    assert all(math.isfinite(view["cost"]["amount"]) for view in shown[1]["actions"]), name
    html = page(picture(record(), [item], [], at(99)), with_titles=True)
    assert "<script" not in html, name
    html.encode()


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
def test_a_poisoned_answer_gives_tasks_within_the_rules_or_an_error_of_ours(
    names: list[str], poisoned: PoisonedWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        answer = ScriptedAnswer(200, BODIES[name])
        outcome = poisoned.generate(name, HARMLESS, answer, answer)

        item = assert_is_bounded(name, outcome)
        assert_can_be_shown(name, item)
        for task in outcome.tasks:
            assert task["type"] == "EXECUTION", name
    for line in poisoned.lines(capsys.readouterr().out):
        assert_is_ours(line)
        assert "forged" not in str(line)
        assert "DROP TABLE" not in str(line)
