"""examples/consumer on Pulumi's engine: it reads a stack of the engine's, comes up and goes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.pack.analyzer import PACK
from declared.program import ROOT, evaluate
from declared.throwaway_secrets import throwaway_secrets
from localcloud.pulumi_cli import Engine, EngineOutcome, EngineStack
from tests.localcloud.emulated import EmulatedAws

EXPORTING = """
import json
from pathlib import Path
import pulumi

for name, value in json.loads(Path(__file__).with_name("exports.json").read_text()).items():
    pulumi.export(name, value)
"""

Exporting = Callable[[str, dict[str, Any]], None]


@pytest.fixture(scope="module")
def exports(aws: EmulatedAws) -> dict[str, Any]:
    """What the workflow's stack exports; of all that, the consumer touches the topic."""
    exports = evaluate("local", throwaway_secrets()).exports
    aws.client("sns").create_topic(Name=exports["notificationsTopicArn"].rpartition(":")[2])
    return exports


@pytest.fixture(scope="module")
def exporting(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Exporting:
    """Brings up a stack of the workflow's project that exports this and has nothing."""

    def up(name: str, exports: dict[str, Any]) -> None:
        folder = tmp_path_factory.mktemp(name)
        (folder / "__main__.py").write_text(EXPORTING)
        (folder / "Pulumi.yaml").write_text("name: goal-mandala\nruntime: python\n")
        (folder / "exports.json").write_text(json.dumps(exports))
        engine.stack(folder, name, {}).up()

    return up


def consumer(engine: Engine, stack: str, **config: str) -> EngineStack:
    """A stack of the consumer's."""
    given = {"userEmail": "news@example.com", **config}
    program: Path = ROOT / "examples" / "consumer"
    return engine.stack(program, stack, given, {"userPassword": "a-throwaway-Password-1"})


@dataclass
class ConsumerLife:
    """What the engine did, and what was held meanwhile."""

    up: EngineOutcome
    outputs: dict[str, Any]
    subscribed: list[dict[str, Any]]
    unchanged: EngineOutcome
    destroyed: EngineOutcome
    left: list[str]


@pytest.fixture(scope="module")
def life(
    engine: Engine, aws: EmulatedAws, exporting: Exporting, exports: dict[str, Any]
) -> ConsumerLife:
    """Lived once."""
    # A name that the workflow's own tests do not take.
    exporting("beside", exports)
    stack = consumer(engine, "local", workflowStack="organization/goal-mandala/beside")
    topic, sns = exports["notificationsTopicArn"], aws.client("sns")
    try:
        up, outputs = stack.up(), stack.outputs()
        subscribed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        unchanged = stack.preview(policy_pack=PACK)
    finally:
        destroyed = stack.destroy()
        left = aws.client("sqs").list_queues(QueueNamePrefix="goal-news").get("QueueUrls", [])
        sns.delete_topic(TopicArn=topic)
    return ConsumerLife(up, outputs, subscribed, unchanged, destroyed, left)


def test_it_comes_up_by_the_exports_alone(life: ConsumerLife, exports: dict[str, Any]) -> None:
    assert life.up.count("create") > 15
    (subscription,) = life.subscribed
    assert subscription["Protocol"] == "sqs"
    assert subscription["Endpoint"].endswith(":goal-news-local-endings")
    assert life.outputs["workflowDashboardUrl"] == exports["dashboardUrl"]


def test_a_second_preview_proposes_nothing_and_violates_nothing(life: ConsumerLife) -> None:
    assert set(life.unchanged.operations.values()) == {"read"}  # the workflow's exports
    assert life.unchanged.policy_events == ()


def test_it_goes_without_a_trace(life: ConsumerLife) -> None:
    assert life.destroyed.count("delete") >= life.up.count("create") - 1
    assert life.left == []
