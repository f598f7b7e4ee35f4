"""Each answer of Slack has one result, and no result holds the webhook's URL."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from handlers.slack.webhook import Delivered, PostResult, Refused, RetryLater, Webhook
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
class Hook:
    """A webhook with a clock and a secret, and its results."""

    webhook: Webhook
    clock: Clock
    secret: Secret
    results: list[PostResult]

    def post(self, seconds: float = 50) -> PostResult:
        return self.webhook.post(MESSAGE, until=self.clock.now + seconds)


@pytest.fixture
def hook_to() -> Callable[..., Hook]:
    def hook(*urls: str) -> Hook:
        clock, secret, results = Clock(), Secret([*urls]), list[PostResult]()
        webhook = Webhook(secret, results.append, sleep=clock.sleep, clock=clock)
        return Hook(webhook, clock, secret, results)

    return hook


@pytest.fixture
def hook(sink: SlackSink, hook_to: Callable[..., Hook]) -> Hook:
    return hook_to(sink.webhook)


def test_messages_are_delivered_and_the_secret_is_read_once(hook: Hook, sink: SlackSink) -> None:
    assert [hook.post(), hook.post()] == [Delivered(), Delivered()]
    assert list(sink.messages) == [MESSAGE, MESSAGE]
    assert hook.secret.reads == 1


def test_messages_are_a_second_apart(hook: Hook) -> None:
    for _ in range(3):
        hook.post()
    assert hook.clock.slept == [1.0, 1.0]


def test_a_wait_that_slack_asks_for_is_kept(hook: Hook, sink: SlackSink) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=7))
    assert hook.post() == Delivered()
    assert hook.clock.slept == [7.0]
    assert hook.results == [RetryLater(7.0, "429 rate_limited"), Delivered()]


def test_a_wait_beyond_the_functions_time_out_is_left_to_the_queue(
    hook: Hook, sink: SlackSink
) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=60))
    assert hook.post() == RetryLater(60.0, "429 rate_limited")
    assert hook.clock.slept == []


@pytest.mark.parametrize("value", [-1.0, 0.0, float("nan"), float("inf"), 1e9])
def test_an_impossible_retry_after_becomes_a_possible_wait(
    value: float, hook: Hook, sink: SlackSink
) -> None:
    sink.faults.append(WebhookError(429, "rate_limited", retry_after=value))
    answer = hook.post(seconds=10)
    assert isinstance(answer, RetryLater)
    assert answer.seconds is not None
    assert 1 <= answer.seconds <= 12 * 3600


def test_a_broken_slack_is_tried_three_times(hook: Hook, sink: SlackSink) -> None:
    sink.faults.extend([WebhookError(500, "rollup_error"), WebhookError(503)])
    assert hook.post() == Delivered()
    sink.faults.extend([WebhookError(500), WebhookError(502), WebhookError(503)])
    assert hook.post() == RetryLater(None, "503 server_error")
    assert max(hook.clock.slept) <= 4


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
def test_a_refused_message_is_not_posted_again(
    fault: WebhookError, hook: Hook, sink: SlackSink
) -> None:
    sink.faults.append(fault)
    assert hook.post() == Refused(f"{fault.status} {fault.code}")
    assert not sink.messages


def test_a_refused_webhook_is_read_again_and_the_new_one_used(
    sink: SlackSink, hook_to: Callable[..., Hook]
) -> None:
    old = sink.webhook.replace("/services/", "/old/")
    hook = hook_to(sink.webhook, sink.webhook)
    assert hook.post() == Delivered()
    hook = hook_to(old, old, sink.webhook)
    assert hook.post() == Refused("404 no_service")  # just read: it is the newest there is
    assert hook.post() == Refused("404 no_service")  # read again, and the same
    assert hook.post() == Delivered()
    assert hook.secret.reads == 3


def test_a_webhook_that_does_not_answer_is_retried_later(hook_to: Callable[..., Hook]) -> None:
    hook = hook_to("http://127.0.0.1:1/services/SECRET")
    answer = hook.post()
    assert isinstance(answer, RetryLater)
    assert "SECRET" not in repr(hook.results)


@pytest.mark.parametrize("url", ["", "no url", "http://", "ftp://x/SECRET", "https://[SECRET"])
def test_a_secret_that_is_not_a_url_appears_in_no_result(
    url: str, hook_to: Callable[..., Hook]
) -> None:
    hook = hook_to(url)
    assert hook.post() == Refused("webhook_is_no_url")
    assert "SECRET" not in repr(hook.results)


def test_without_the_secret_the_message_waits() -> None:
    def refuse() -> str:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue")

    clock = Clock()
    webhook = Webhook(refuse, lambda _: None, sleep=clock.sleep, clock=clock)
    assert webhook.post(MESSAGE, until=clock.now + 50) == RetryLater(None, "secret: ClientError")


def test_slacks_answer_becomes_the_reason_only_if_it_is_a_code(hook: Hook, sink: SlackSink) -> None:
    sink.faults.append(WebhookError(400, "<script>hooks.slack.com/services/SECRET"))
    assert hook.post() == Refused("400")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() <= before + 2
