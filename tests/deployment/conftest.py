"""The deployment program, as a preview declares it."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from checks.pack.analyzer import Analyzer, analyzer
from declared.program import ROOT, Program, evaluate, stack_config
from deployment.settings import ENVIRONMENTS

FOLDER = ROOT / "deployment"

Deployment = Callable[[str], Program]


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """The program of one stack."""

    @cache
    def program(stack: str) -> Program:
        return evaluate(stack, {}, preview=True, folder=FOLDER)

    return program


@pytest.fixture(scope="session")
def pack() -> Iterator[Analyzer]:
    """The policy pack, for the stack dev."""
    with analyzer("dev", stack_config("dev", FOLDER), []) as running:
        yield running


@pytest.fixture(params=ENVIRONMENTS)
def stack(request: pytest.FixtureRequest) -> str:
    """Each stack that CI deploys."""
    return request.param
