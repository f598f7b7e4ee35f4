"""Small programs on the engine: replacements, stack references, secrets and errors."""

from collections.abc import Generator
from pathlib import Path

import pytest

from localcloud.pulumi_cli import Engine, EngineError, EngineStack
from tests.localcloud.emulated import EmulatedAws

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def small(engine: Engine) -> Generator[EngineStack]:
    """A stack with a topic named `before` and a secret."""
    stack = engine.stack(
        PROGRAMS / "small",
        "test",
        {"topicName": "before", "displayName": "Before", "value": "one"},
        {"hidden": "a-hidden-value"},
    )
    stack.up()
    yield stack
    stack.destroy()


def test_another_stack_reads_the_exports(engine: Engine, small: EngineStack) -> None:
    reader = engine.stack(PROGRAMS / "reader", "test", {})
    reader.up()
    assert reader.outputs() == {"read": small.outputs()["topicArn"]}


def test_a_secret_is_hidden_in_the_state(engine: Engine, small: EngineStack) -> None:
    states = [path.read_text() for path in (engine.folder / "state").rglob("*.json")]
    assert any("before" in text for text in states)
    assert not any("a-hidden-value" in text for text in states)
    assert small.outputs()["hidden"] == "a-hidden-value"


def test_a_name_and_a_secrets_value_are_replaced(small: EngineStack, aws: EmulatedAws) -> None:
    small.configure({"small:topicName": "after", "small:value": "two"})
    operations = small.up().operations
    assert {urn.rpartition("::")[2]: each for urn, each in operations.items()} == {
        "topic": "replace",
        "value": "replace",
    }
    topics = aws.client("sns").list_topics()["Topics"]
    names = {each["TopicArn"].rpartition(":")[2] for each in topics}
    assert "after" in names
    assert "before" not in names
    value = aws.client("secretsmanager").get_secret_value(SecretId="small")
    assert value["SecretString"] == "two"


def test_an_unsupported_type_is_an_error_without_a_stack_trace(
    small: EngineStack,
) -> None:
    small.configure({"small:bus": "true"})
    with pytest.raises(EngineError) as refused:
        small.up()
    assert "has no provisioner for aws:cloudwatch/eventBus:EventBus" in str(refused.value)
    assert "Traceback" not in str(refused.value)
    small.configure({"small:bus": "false"})
