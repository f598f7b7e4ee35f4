"""Each of Slack's answers means one thing; its URL is told to nobody."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from handlers.slack.webhook import Answer, Later, Refused, Taken, Webhook
from localcloud.slack.server import SlackSink, WebhookError

MESSAGE = {"text": "hello"}


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list[float])

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.slept.append(seconds)


@dataclass
class Secret:
    """A secret that is read, by how often it was."""

    values: list[str]
    reads: int = 0

    def __call__(self) -> str:
        self.reads += 1
        return self.values[min(self.reads, len(self.values)) - 1]


@dataclass
class Told:
    """A webhook over a clock and a secret, and what it noted."""

    webhook: Webhook
    clock: Clock
    secret: Secret
    noted: list[Answer]

    def post(self, seconds: float = 50) -> Answer:
        return self.webhook.post(MESSAGE, until=self.clock.now + seconds)


@pytest.fixture
def hooked() -> Callable[..., Told]:
    def told(*urls: str) -> Told:
        clock, secret, noted = Clock(), Secret([*urls]), list[Answer]()
        webhook = Webhook(secret, noted.append, sleep=clock.sleep, clock=clock)
        return Told(webhook, clock, secret, noted)

    return told


@pytest.fixture
def told(sink: SlackSink, hooked: Callable[..., Told]) -> Told:
    return hooked(sink.webhook)


def test_a_message_is_taken_and_the_secret_is_read_once(told: Told, sink: SlackSink) -> None:
    assert [told.post(), told.post()] == [Taken(), Taken()]
    assert list(sink.messages) == [MESSAGE, MESSAGE]
    assert told.secret.reads == 1


def test_messages_are_a_second_apart(told: Told) -> None:
    for _ in range(3):
        told.post()
    assert told.clock.slept == [1.0, 1.0]


def test_a_wait_that_slack_asks_for_is_kept(told: Told, sink: SlackSink) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=7))
    assert told.post() == Taken()
    assert told.clock.slept == [7.0]
    assert told.noted == [Later(7.0, "429 rate_limited"), Taken()]


def test_a_wait_longer_than_the_function_lives_is_left_to_the_queue(
    told: Told, sink: SlackSink
) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=60))
    assert told.post() == Later(60.0, "429 rate_limited")
    assert told.clock.slept == []


@pytest.mark.parametrize("value", [-1.0, 0.0, float("nan"), float("inf"), 1e9])
def test_a_strange_wait_is_a_possible_one(value: float, told: Told, sink: SlackSink) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=value))
    answer = told.post(seconds=10)
    assert isinstance(answer, Later)
    assert answer.seconds is not None
    assert 1 <= answer.seconds <= 12 * 3600


def test_a_broken_slack_is_tried_three_times(told: Told, sink: SlackSink) -> None:
    sink.faults.extend([WebhookError(500, "rollup_error"), WebhookError(503)])
    assert told.post() == Taken()
    sink.faults.extend([WebhookError(500), WebhookError(502), WebhookError(503)])
    assert told.post() == Later(None, "503 server_error")
    assert max(told.clock.slept) <= 4


@pytest.mark.parametrize(
    "fault",
    [
        WebhookError(400, "invalid_payload"),
        WebhookError(403, "action_prohibited"),
        WebhookError(404, "no_service"),
        WebhookError(410, "channel_is_archived"),
        WebhookError(302, "moved"),
    ],
)
def test_a_refusal_is_final(fault: WebhookError, told: Told, sink: SlackSink) -> None:
    sink.faults.append(fault)
    assert told.post() == Refused(f"{fault.status} {fault.code}")
    assert not sink.messages


def test_a_refused_webhook_is_read_again_and_the_new_one_used(
    sink: SlackSink, hooked: Callable[..., Told]
) -> None:
    old = sink.webhook.replace("/services/", "/old/")
    told = hooked(sink.webhook, sink.webhook)
    assert told.post() == Taken()
    told = hooked(old, old, sink.webhook)
    assert told.post() == Refused("404 no_service")  # just read: it is the newest there is
    assert told.post() == Refused("404 no_service")  # read again, and the same
    assert told.post() == Taken()
    assert told.secret.reads == 3


def test_a_webhook_that_nobody_answers_is_tried_later(hooked: Callable[..., Told]) -> None:
    told = hooked("http://127.0.0.1:1/services/SECRET")
    answer = told.post()
    assert isinstance(answer, Later)
    assert "SECRET" not in repr(told.noted)


@pytest.mark.parametrize("url", ["", "no url", "http://", "ftp://x/SECRET", "https://[SECRET"])
def test_a_secret_that_is_no_url_is_told_to_nobody(url: str, hooked: Callable[..., Told]) -> None:
    told = hooked(url)
    assert told.post() == Refused("webhook_is_no_url")
    assert "SECRET" not in repr(told.noted)


def test_without_the_secret_the_message_waits() -> None:
    def refuse() -> str:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue")

    clock = Clock()
    webhook = Webhook(refuse, lambda _: None, sleep=clock.sleep, clock=clock)
    assert webhook.post(MESSAGE, until=clock.now + 50) == Later(None, "secret: ClientError")


def test_what_slack_says_is_noted_only_if_it_is_a_code(told: Told, sink: SlackSink) -> None:
    sink.faults.append(WebhookError(400, "<script>hooks.slack.com/services/SECRET"))
    assert told.post() == Refused("400")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() <= before + 2
