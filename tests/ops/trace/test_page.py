"""The page: whole in itself, complete, and safe whatever a user wrote."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.statuses import ActionStatus, ExecutionStatus
from ops.trace.attempts import OutsideEnd
from ops.trace.language import JAPANESE, Words
from ops.trace.markup import Markup, joined, tag
from ops.trace.page import page
from ops.trace.picture import Picture, picture
from ops.trace.wording import duration
from tests.ops.trace.parts import EXECUTION, at, attempt, generated, item, record

VOID = {"meta", "input"}


class Outline(HTMLParser):
    """What a browser would find: elements with their attributes, ids, links and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes what it did not open"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, attribute: str) -> list[str]:
        return [str(attrs[attribute]) for _, attrs in self.elements if attribute in attrs]


def sixty_four(title: str = "an action") -> str:
    """Eight sub-goals of eight actions, five attempts each; the last action fails for good."""
    names = [str(number) for number in range(64)]
    items = [
        item(
            name,
            ActionStatus.SAVED if name != "63" else ActionStatus.FAILED,
            sub_goal=f"sub-goal {number // 8}",
            title=title,
            error_code=None if name != "63" else "MODEL_THROTTLED",
            error_detail=None if name != "63" else "Too many requests",
        )
        for number, name in enumerate(names)
    ]
    errors = ["Boom"] * 4
    states = [
        generated(
            name,
            *(attempt(2 * n, 2 * n + 1, error) for n, error in enumerate(errors)),
            attempt(8, 9, "Boom" if name == "63" else ""),
        )
        for name in names
    ]
    status = ExecutionStatus.PARTIALLY_SUCCEEDED
    return page(picture(record(status), items, states, at(99)), with_titles=True)


@pytest.fixture(scope="module")
def whole() -> Outline:
    return Outline(sixty_four())


def test_nothing_is_fetched_and_no_script_runs(whole: Outline) -> None:
    assert whole.all("src") == []
    assert {name for name, _ in whole.elements} & {"script", "link", "img", "iframe"} == set()
    assert all(target.startswith("#") for target in whole.all("href"))
    assert "default-src 'none'; style-src 'unsafe-inline'" in whole.all("content")
    style = sixty_four().partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|http", style)


def test_every_action_has_a_cell_a_row_and_all_its_attempts(whole: Outline) -> None:
    classes = whole.all("class")
    rows = [name for name, _ in whole.elements if name == "details"]
    cells = [c for c in classes if c in ("cell kept", "cell failed")]

    assert (len(rows), len(cells)) == (64, 64)
    assert sum(c == "attempt failed" for c in classes) == 64 * 4 + 1
    assert sum(c == "attempt succeeded" for c in classes) == 63
    assert sum(c == "wait" for c in classes) == 64 * 4


def test_every_link_leads_somewhere_and_every_id_is_there_once(whole: Outline) -> None:
    ids = whole.all("id")

    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in whole.all("href")} <= set(ids)


def test_failures_are_told_with_error_and_detail(whole: Outline) -> None:
    table = whole.text.partition("Failures")[2].partition("Timeline")[0]

    assert re.search(r"8-8.*MODEL_THROTTLED.*5 attempts.*Too many requests", table, re.DOTALL)
    assert "257 attempts: Boom" in table


def test_a_row_says_in_words_what_its_bars_show(whole: Outline) -> None:
    assert "action 8-8, failed, 3 tasks, 5 attempts, 0 repairs, MODEL_THROTTLED" in whole.all(
        "aria-label"
    )


def test_bars_stand_where_their_time_is() -> None:
    states = [generated("a", attempt(2.5, 7.5))]

    text = page(picture(record(), [item("a")], states, at(99)), with_titles=False)

    assert 'class="attempt succeeded" style="left:25.000%;width:50.000%"' in text


def test_titles_are_shown_only_when_asked_for() -> None:
    drawn = picture(record(), [item("a", title="毎朝走る")], [], at(99))

    assert "毎朝走る" in page(drawn, with_titles=True)
    assert "毎朝走る" not in page(drawn, with_titles=False)


@pytest.mark.parametrize("status", ExecutionStatus)
def test_every_status_can_be_drawn_also_before_anything_happened(status: ExecutionStatus) -> None:
    outline = Outline(page(picture(record(status), [], [], at(0)), with_titles=True))

    assert outline.text.count(status.value) >= 1
    assert EXECUTION in outline.text
    assert outline.open == []


@given(st.text() | st.sampled_from(["<script>", '"><img src=x onerror=alert(1)>', "&lt;", "]]>"]))
def test_a_users_text_adds_no_element_and_no_attribute(hostile: str) -> None:
    plain = picture(record(), [item("a", title="t", error_detail="t")], [], at(99))
    drawn = picture(record(), [item("a", title=hostile, error_detail=hostile)], [], at(99))

    def skeleton(text: str) -> list[tuple[str, list[str]]]:
        return [(name, list(attrs)) for name, attrs in Outline(text).elements]

    expected = [e for e in skeleton(page(plain, with_titles=True)) if e != ("p", ["class"])]
    found = [e for e in skeleton(page(drawn, with_titles=True)) if e != ("p", ["class"])]
    assert found == expected


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>", Markup("<i></i>"), title='"') == '<p title="&quot;">&lt;b&gt;<i></i></p>'
    assert joined("&", tag("input", checked=True, disabled=False)) == "&amp;<input checked/>"


@pytest.mark.parametrize(
    ("seconds", "read"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 05 s"),
        (3599.7, "1 h"),
        (3720, "1 h 02 min"),
    ],
)
def test_times_are_read_as_people_say_them(seconds: float, read: str) -> None:
    assert duration(seconds) == read


def stopped() -> Picture:
    """Two actions had an attempt, 62 never began when somebody stopped it."""
    ended = at(8).isoformat()
    failed: dict[str, Any] = {"error_code": "EXECUTION_ABORTED", "task_count": 0, "ended_at": ended}
    items = [item("a", attempts=2, calls_started=3), item("b", ActionStatus.FAILED, **failed)]
    items += [item(str(n), ActionStatus.FAILED, **failed) for n in range(62)]
    states = [
        generated("a", attempt(1, 2, "Boom"), attempt(3, 4)),
        generated("b", attempt(1, None)),
    ]
    end = OutsideEnd(at(7), "ABORTED", "STOPPED_BY_OPERATOR", "stuck <b>")
    return picture(
        record(ExecutionStatus.ABORTED), items, states, at(99), end=end, trace_id="1-5f8a-0"
    )


def test_62_rows_that_say_the_same_are_one_and_each_action_is_still_linked() -> None:
    outline = Outline(page(stopped(), with_titles=False))

    assert sum(name == "details" for name, _ in outline.elements) == 3
    assert "62 actions" in outline.text
    ids = outline.all("id")
    assert sum(each.startswith("action-") for each in ids) == 64
    assert {target.removeprefix("#") for target in outline.all("href")} <= set(ids)
    table = outline.text.partition("Failures")[2].partition("Attempts that failed")[0]
    assert table.count("EXECUTION_ABORTED") == 2


def test_a_stop_from_outside_is_shown_with_its_cause_and_the_trace_by_its_id() -> None:
    outline = Outline(page(stopped(), with_titles=False))

    assert "ABORTED +7 s STOPPED_BY_OPERATOR" in outline.text
    assert "stuck <b>" in outline.text
    assert "1-5f8a-0" in outline.text


def test_a_japanese_page_has_no_english_text() -> None:
    text = page(stopped(), with_titles=False, say=Words("ja"))
    outline = Outline(text)
    style = text.partition("<style>")[2].partition("</style>")[0]
    spoken = [*outline.all("aria-label"), *outline.all("title")]
    shown = " ".join([outline.text.replace(style, ""), *spoken])
    codes = r"[A-Z]{2,}(_[A-Z]+)*|[0-9a-f]+(-[0-9a-f]+)+|arn:\S+|Boom|stuck|saved|failed"

    assert re.findall(r"[A-Za-z]{2,}", re.sub(codes, "", shown)) == []
    assert "アクション 62" in shown
    assert 'lang="ja"' in text


def test_every_japanese_text_takes_the_values_of_the_english_one() -> None:
    for english, japanese in JAPANESE.items():
        assert set(re.findall(r"{\w+}", japanese)) == set(re.findall(r"{\w+}", english))
