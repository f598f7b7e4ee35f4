"""Enforcement levels on Pulumi's engine: a configuration cannot hollow the pack out."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from checks.pack.analyzer import PACK
from localcloud.pulumi_cli import Engine, EngineError, EngineStack
from policies.rules import levels

PROGRAMS = Path(__file__).parent / "programs"
RULE = "boundary-declared-names"


@pytest.fixture(scope="module")
def small(engine: Engine) -> Generator[EngineStack]:
    """A stack of one topic and one secret, not deployed."""
    config = {"topicName": "levels", "value": "one", "accountId": "123456789012"}
    stack = engine.stack(PROGRAMS / "small", "levels", config, {"hidden": "a-hidden-value"})
    yield stack
    stack.destroy()


@pytest.fixture
def config(tmp_path: Path) -> Any:
    """Writes a file for --policy-pack-config."""

    def write(content: dict[str, Any]) -> Path:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({RULE: "disabled"}, f"makes {RULE} disabled"),
        ({RULE: "advisory"}, f"makes {RULE} advisory"),
        ({RULE: {"enforcementLevel": "disabled"}}, f"makes {RULE} disabled"),
        ({"all": "disabled"}, "makes all disabled"),
        ({"all": {"enforcementLevel": "advisory"}}, "makes all advisory"),
        ({"all": "disabled", levels.POLICY: "disabled"}, "makes all disabled"),
        ({"acess-cors": "mandatory"}, "configuration of acess-cors does nothing"),
        ({RULE: "remediate"}, None),
        ({"all": "mandatory"}, None),
    ],
    ids=json.dumps,
)
def test_a_lowered_level_is_a_mandatory_violation(
    content: dict[str, Any], problem: str | None, small: EngineStack, config: Any
) -> None:
    outcome = small.preview(policy_pack=PACK, policy_config=config(content))
    found = [each for each in outcome.policy_events if each.policy_name == levels.POLICY]
    assert all(each.enforcement_level == "mandatory" for each in found)
    if problem:
        assert any(problem in each.message for each in found)
    else:
        assert found == []


def test_nothing_is_created_where_every_policy_is_switched_off(
    small: EngineStack, config: Any
) -> None:
    with pytest.raises(EngineError, match=levels.POLICY):
        small.up(policy_pack=PACK, policy_config=config({"all": "disabled"}))
    assert small.outputs() == {}
