"""What the engine does with the provider's answers: refusals, replacements and their order, and
the options that hold up a change."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from localcloud.pulumi_cli import Engine, EngineError, EngineOutcome, EngineStack
from tests.localcloud.emulated import EmulatedAws

PROGRAM = Path(__file__).parent / "programs" / "changes"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:renamed"

# one stack lives through all of it in its set-up, on two cores that are busy
pytestmark = pytest.mark.timeout(600)


@dataclass
class Life:
    """What the engine did at each turn, by the turn's name; refused: in its words."""

    done: dict[str, EngineOutcome] = field(default_factory=dict[str, EngineOutcome])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    queue_names: list[str] = field(default_factory=list[str])
    secret: str = ""
    topics: set[str] = field(default_factory=set[str])

    def steps(self, turn: str, resource: str) -> list[str]:
        """The engine's steps for a resource, in their order."""
        return [step for name, step in self.done[turn].steps if name == resource]


def configure(stack: EngineStack, **settings: str) -> None:
    stack.configure({f"changes:{name}": value for name, value in settings.items()})


def refusal(stack: EngineStack) -> str:
    """Why a preview fails."""
    with pytest.raises(EngineError) as refused:
        stack.preview()
    return str(refused.value)


@pytest.fixture(scope="module")
def life(engine: Engine, aws: EmulatedAws) -> Life:
    """Lived once: each turn of a stack takes the engine seconds."""
    lived = Life()
    stack = engine.stack(PROGRAM, "test", {"visibility": "99999"})
    lived.refused["a wrong input"] = refusal(stack)
    configure(stack, visibility="30", messageSize="2048")
    lived.done["a property without facts"] = stack.preview()

    def turn(name: str, **settings: str) -> None:
        configure(stack, **settings)
        lived.done[name] = stack.up()
        (url,) = aws.client("sqs").list_queues(QueueNamePrefix="queue-")["QueueUrls"]
        lived.queue_names.append(url.rpartition("/")[2])

    turn("first", messageSize="0")
    turn("unchanged")
    turn("ignored", displayName="Two", ignore='["displayName"]')
    turn("protected", ignore="[]", protect="true")
    configure(stack, topicName="renamed")
    lived.refused["protected"] = refusal(stack)
    turn("replaced", protect="false", value="two")
    secrets = aws.client("secretsmanager")
    lived.secret = secrets.get_secret_value(SecretId="changes")["SecretString"]
    turn("replaced on", replaceOn='["visibilityTimeoutSeconds", "displayName"]', visibility="60")
    configure(stack, displayName="Three")
    lived.done["replaced on, with a name"] = stack.preview()
    turn("retained", replaceOn="[]", displayName="Two", retain="true")
    turn("removed", topic="false")
    found = aws.client("sns").list_topics()["Topics"]
    lived.topics = {each["TopicArn"] for each in found}
    stack.destroy()
    aws.client("sns").delete_topic(TopicArn=TOPIC)
    return lived


def test_a_wrong_input_stops_the_preview(life: Life) -> None:
    text = life.refused["a wrong input"]
    assert "expected visibilityTimeoutSeconds to be in the range (0 - 43200), got 99999" in text
    assert "Examine values at 'queue.visibilityTimeoutSeconds'" in text


def test_a_property_without_facts_is_a_warning(life: Life) -> None:
    (warning,) = life.done["a property without facts"].warnings
    assert warning.startswith("maximumMessageSize: nothing is known of this property")


def test_a_name_of_pulumis_stays_over_updates(life: Life) -> None:
    assert life.done["unchanged"].operations == {}
    assert life.queue_names[0].startswith("queue-")
    assert life.queue_names[:5] == [life.queue_names[0]] * 5


def test_a_change_to_ignore_is_none(life: Life) -> None:
    assert life.done["ignored"].operations == {}


def test_what_is_protected_is_changed_in_place_and_not_replaced(life: Life) -> None:
    assert life.steps("protected", "topic") == ["update"]
    assert "protect" in life.refused["protected"]


def test_with_an_explicit_name_the_old_one_is_deleted_first(life: Life) -> None:
    topic = life.steps("replaced", "topic")
    assert topic.index("delete-replaced") < topic.index("create-replacement")


def test_a_secrets_new_version_is_created_first_and_stays_current(life: Life) -> None:
    value = life.steps("replaced", "value")
    assert value.index("create-replacement") < value.index("delete-replaced")
    assert life.secret == "two"


def test_a_change_to_replace_on_replaces(life: Life) -> None:
    queue = life.steps("replaced on", "queue")
    assert queue.index("create-replacement") < queue.index("delete-replaced")
    assert life.queue_names[5] != life.queue_names[4]


def test_a_change_to_replace_on_creates_first_even_with_an_explicit_name(life: Life) -> None:
    # the engine decides it after the provider has been asked: on AWS the two collide
    topic = life.steps("replaced on, with a name", "topic")
    assert topic.index("create-replacement") < topic.index("delete-replaced")


def test_what_is_retained_is_left_to_aws(life: Life) -> None:
    assert set(life.done["removed"].operations.values()) == {"delete"}
    assert TOPIC in life.topics
