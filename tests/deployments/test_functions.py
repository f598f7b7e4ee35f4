"""A function more or less, and new code of all of them."""

import json
import pickle
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

from declared.program import ROOT
from declared.resources import DeclaredResource
from handlers.contract.functions import FUNCTIONS
from tests.deployments.changes import configuration
from tests.deployments.document import resources
from tests.deployments.operations import operations

# The program with one function more. In a process of its own, since rooms read FUNCTIONS at import.
WITH_ANOTHER = """
import dataclasses, json, pickle, sys
import handlers.contract.functions as functions
another = dataclasses.replace(functions.WORKFLOW_STATUS, name="workflow-another")
functions.FUNCTIONS = (*functions.FUNCTIONS, another)
import components.iam.function_policies as policies
policies.TABLE_ACTIONS[another] = ("GetItem",)
from declared.program import evaluate
pickle.dump(evaluate("prod", json.load(sys.stdin)).resources, sys.stdout.buffer)
"""
FUNCTION = "aws:lambda/function:Function"
ITS_OWN = re.compile(r".*workflow-another|alarms-functions-throttled-\d+$")
"""Names of its resources; one alarm watches some functions together."""


@pytest.fixture(scope="module")
def with_another() -> tuple[DeclaredResource, ...]:
    """Prod with one function more."""
    made = subprocess.run(
        [sys.executable, "-c", WITH_ANOTHER],
        input=json.dumps(configuration()).encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return pickle.loads(made.stdout)


def test_a_new_function_creates_its_own_resources_and_replaces_none(
    with_another: tuple[DeclaredResource, ...],
) -> None:
    found = operations(resources("prod"), with_another)
    assert {each.operation for each in found} <= {"create", "update"}
    created = {each.name for each in found if each.operation == "create"}
    assert "functions-workflow-another" in created
    assert all(ITS_OWN.match(name) for name in created)


def test_a_removed_function_deletes_its_own_resources_and_keeps_its_log(
    with_another: tuple[DeclaredResource, ...],
) -> None:
    found = operations(with_another, resources("prod"))
    assert {each.operation for each in found} <= {"delete", "update"}
    deleted = {each.name for each in found if each.operation == "delete"}
    assert "functions-workflow-another" in deleted
    assert "functions-workflow-another-log" not in deleted
    assert all(ITS_OWN.match(name) for name in deleted)


def test_new_code_updates_every_function_in_place() -> None:
    old = resources("prod")
    code = pulumi.FileArchive(str(Path("new.zip")))
    new = [
        replace(each, inputs={**each.inputs, "code": code}) if each.type == FUNCTION else each
        for each in old
    ]
    found = operations(old, new)
    updated = Counter((each.operation, each.type) for each in found)
    assert updated[("update", FUNCTION)] == len(FUNCTIONS)
    assert {operation for operation, _ in updated} == {"update"}
