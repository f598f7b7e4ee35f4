"""Every violation says what is wrong, where, why it matters, and the change that mends it."""

import json
import re
from typing import Any

import pytest

from checks.pack.report import explained
from policies.pack import policies
from tests.policies.mutants.one_setting import SETTINGS
from tests.policies.mutate import set_input
from tests.policies.stacks import StacksUnderTest

_LINE = re.compile(r"  (\w+): +(.*)")


@pytest.mark.parametrize("name", [each.name for each in policies()])
def test_a_policy_explains_what_where_why_and_the_fix(name: str) -> None:
    told = dict(_LINE.findall(explained(name, policies())))
    assert all(told.values())
    assert {"what", "where", "why", "fix", "source"} <= set(told)
    for line in ("what", "why"):
        assert len(re.findall(r"[.!?](?=\s|$)", told[line])) == 1, "one sentence"
    assert told["fix"].endswith(".")


@pytest.mark.parametrize(("policy", "name", "path", "value"), SETTINGS, ids=json.dumps)
def test_a_violation_names_the_resource_the_setting_and_the_fix(
    policy: str, name: str, path: str, value: Any, stacks: StacksUnderTest
) -> None:
    after = set_input(name, path, value)(stacks.program("prod"))
    pack = stacks.pack("prod")
    pack.enable_only({policy})
    found = [*pack.analyze(after[name]), *pack.analyze_stack(after.values())]
    assert {each.place for each in found} <= set(after)
    (fix,) = {each.remediation_steps for each in policies() if each.name == policy}
    words = re.findall(r"[a-zA-Z]{4,}", path) + re.findall(r'"(\w{4,})"', json.dumps(value))
    for text in (each.message for each in found if each.place == name):
        said = re.sub("[ _]", "", f"{text} {fix}").lower()
        assert any(word.lower() in said for word in words), text
