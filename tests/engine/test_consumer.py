"""examples/consumer on Pulumi's engine: reads another stack's exports, is created and destroyed."""

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
    """The exports of the workflow's stack, and the topic in them, which the consumer uses."""
    exports = evaluate("local", throwaway_secrets()).exports
    aws.client("sns").create_topic(Name=exports["notificationsTopicArn"].rpartition(":")[2])
    return exports


@pytest.fixture(scope="module")
def exporting(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Exporting:
    """Brings up a stack of the workflow's project that has exports but no resources."""

    def up(name: str, exports: dict[str, Any]) -> None:
        folder = tmp_path_factory.mktemp(name)
        (folder / "__main__.py").write_text(EXPORTING)
        (folder / "Pulumi.yaml").write_text("name: goal-mandala\nruntime: python\n")
        (folder / "exports.json").write_text(json.dumps(exports))
        engine.stack(folder, name, {}).up()

    return up


def consumer(engine: Engine, stack: str, **config: str) -> EngineStack:
    """A stack of the consumer program."""
    given = {"userEmail": "news@example.com", **config}
    program: Path = ROOT / "examples" / "consumer"
    return engine.stack(program, stack, given, {"userPassword": "a-throwaway-Password-1"})


@dataclass
class ConsumerLifecycle:
    """What the engine did, and what the services held meanwhile."""

    up: EngineOutcome
    outputs: dict[str, Any]
    subscribed: list[dict[str, Any]]
    unchanged: EngineOutcome
    destroyed: EngineOutcome
    left: list[str]


@pytest.fixture(scope="module")
def lifecycle(
    engine: Engine, aws: EmulatedAws, exporting: Exporting, exports: dict[str, Any]
) -> ConsumerLifecycle:
    """The stack is created and destroyed once for all tests."""
    # a name that no other test uses
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
    return ConsumerLifecycle(up, outputs, subscribed, unchanged, destroyed, left)


def test_the_consumer_is_created_from_the_exports(
    lifecycle: ConsumerLifecycle, exports: dict[str, Any]
) -> None:
    assert lifecycle.up.count("create") > 15
    (subscription,) = lifecycle.subscribed
    assert subscription["Protocol"] == "sqs"
    assert subscription["Endpoint"].endswith(":goal-news-local-endings")
    assert lifecycle.outputs["workflowDashboardUrl"] == exports["dashboardUrl"]


def test_a_second_preview_has_no_changes_and_no_violations(lifecycle: ConsumerLifecycle) -> None:
    assert set(lifecycle.unchanged.operations.values()) == {"read"}  # the workflow's exports
    assert lifecycle.unchanged.policy_events == ()


def test_destroy_leaves_nothing_of_the_consumer(lifecycle: ConsumerLifecycle) -> None:
    assert lifecycle.destroyed.count("delete") >= lifecycle.up.count("create") - 1
    assert lifecycle.left == []
