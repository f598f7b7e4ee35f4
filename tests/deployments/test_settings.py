"""What a change of each setting does to the resources of dev and prod."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from components.settings import Settings, SettingsError, parse
from components.settings.sections import Section
from declared.program import evaluate
from tests.components.conftest import OF_DEV, SECRETS
from tests.deployments.changes import (
    OTHERS,
    SETTINGS,
    STACKS,
    SettingChange,
    configuration,
    setting_changes,
)
from tests.deployments.document import DOCUMENT, document, resources
from tests.deployments.operations import operations

STATEFUL = (
    "aws:apigatewayv2/api:Api",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cognito/userPool:UserPool",
    "aws:dynamodb/table:Table",
    "aws:kms/key:Key",
    "aws:sns/topic:Topic",
)
"""Types that hold data, or addresses that others have."""

BY_SECTION = [*setting_changes(each_value=False)]
OF_THE_STACK = {"environment", "accountId", "region"}
"""They say which stack it is."""


def _values(model: type[Section], prefix: str = "") -> Iterator[str]:
    for field in model.model_fields.values():
        name = f"{prefix}{field.alias}"
        types: tuple[Any, ...] = (field.annotation, *get_args(field.annotation))
        sections = [each for each in types if isinstance(each, type) and issubclass(each, Section)]
        yield from _values(sections[0], f"{name}.") if sections else [name]


def test_every_setting_has_a_change() -> None:
    changed = {each.name for each in setting_changes(each_value=True)}
    whole = {name for name in SETTINGS if name in changed}  # sections that come whole
    covered = changed | {name for each in OTHERS for name in each.split(", ")}
    wanted = set(_values(Settings)) - OF_THE_STACK
    assert {name for name in wanted if name.partition(".")[0] not in whole} <= covered


@pytest.mark.parametrize("change", BY_SECTION, ids=[each.name for each in BY_SECTION])
def test_a_setting_replaces_or_deletes_nothing_with_data_in_prod_unless_its_docstring_says_so(
    change: SettingChange,
) -> None:
    new = evaluate("prod", configuration(change.values)).resources
    gone = [
        each.name
        for each in operations(resources("prod"), new)
        if each.type in STATEFUL and each.operation in ("replace", "delete", "refuse")
    ]
    if gone:
        assert re.search(rf"\n    {change.name}: .*\bdeletes\b", str(Settings.__doc__)), gone


@pytest.mark.parametrize("stack", STACKS)
def test_the_same_configuration_changes_nothing(stack: str) -> None:
    assert operations(resources(stack), evaluate(stack, configuration()).resources) == []


@pytest.mark.parametrize("tag", ["dev", "production", ""])
def test_a_renamed_stack_is_refused_with_the_reason(tag: str) -> None:
    tags = f'{{"tags": {{"Project": "goal-mandala", "Environment": "{tag}"}}}}'
    with pytest.raises(SettingsError, match="renamed stack would replace every resource"):
        evaluate("prod", {**configuration(), "aws:defaultTags": tags})


def test_a_stack_without_an_environments_name_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"the stack's name = 'production'.*'prod'"):
        parse({**OF_DEV, **SECRETS, "environment": "production"}, {})


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "python -m tests.deployments.document writes it"
