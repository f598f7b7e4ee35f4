"""What the programs of this repository declare, against what AWS's provider refuses."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, cast

import pytest
from pulumi.output import Unknown

from declared.program import ROOT, evaluate
from declared.resources import DeclaredResource
from declared.throwaway_secrets import throwaway_secrets
from localcloud.provision.facts import (
    UNKNOWN,
    Failure,
    TypeFacts,
    auto_name,
    check,
    facts_of,
    undescribed,
)
from tests.deployments.changes import OPTIONS

CONSUMER = {
    "goal-news:userEmail": "news@example.com",
    "goal-news:userPassword": "a-throwaway-Password-1",
}


class Program(NamedTuple):
    """A program of this repository, and how it is configured."""

    stack: str
    folder: str = "."
    with_options: bool = False


PROGRAMS = [
    *[Program(each, with_options=options) for each in ("dev", "prod") for options in (False, True)],
    *[Program("local"), Program("staging")],
    *[Program(each, "deployment") for each in ("dev", "prod")],
    Program("dev", "examples/consumer"),
]


@cache
def declared(program: Program) -> list[DeclaredResource]:
    """What it declares in a preview."""
    config: dict[str, str] = {}
    references: Mapping[str, Any] = {}
    if program.folder == ".":
        config = throwaway_secrets()
    if program.folder == "examples/consumer":
        config = CONSUMER
        exports = evaluate("dev", throwaway_secrets()).exports
        references = {"organization/goal-mandala/dev": exports}
    if program.with_options:
        config |= {f"goal-mandala:{key}": json.dumps(value) for key, value in OPTIONS.items()}
    found = evaluate(
        program.stack,
        config,
        preview=True,
        folder=ROOT / program.folder,
        references=references,
    )
    return list(found.resources)


def plain(value: Any) -> Any:
    """Inputs with what the facts take for unknown."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {name: plain(each) for name, each in cast("dict[str, Any]", value).items()}
    return [plain(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


def refused(facts: TypeFacts, resource: DeclaredResource) -> list[Failure]:
    """What the provider's Check refuses of it."""
    inputs = plain(resource.inputs)
    if facts.auto_named:
        name = auto_name(facts.auto_named, resource.name, inputs, b"seed", earlier={})
        if isinstance(name, Failure):
            return [name]
        if name:
            inputs[facts.auto_named.property] = name
    return check(facts, inputs)


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_every_declared_type_has_facts(program: Program) -> None:
    assert {each.type for each in declared(program) if facts_of(each.type) is None} == set()


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_every_declared_property_is_in_the_facts(program: Program) -> None:
    unknown = {
        f"{each.type} {path}"
        for each in declared(program)
        if (facts := facts_of(each.type))
        for path in undescribed(facts, plain(each.inputs))
    }
    assert unknown == set()


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_the_provider_refuses_nothing_that_is_declared(program: Program) -> None:
    problems = [
        f"{each.name}: {failure.text()}"
        for each in declared(program)
        if (facts := facts_of(each.type))
        for failure in refused(facts, each)
    ]
    assert problems == []
