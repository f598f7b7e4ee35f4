"""Executions that were recorded on AWS, replayed on the emulator's Step Functions.

The recordings are not ours and lie beside the checkout (../shared/recorded-aws): where they are
absent nothing is judged, and the tests say so. What is known to differ stands in
`tests/localcloud/aws/recorded/ledger.json`.
"""

import json

import pytest

from components.compute.state_machine_definition import definition
from components.compute.workflow_state_machine import workflow
from components.names import Names
from components.settings import parse
from tests.components.conftest import OF_DEV, SECRETS
from tests.localcloud.aws.recorded.features import features
from tests.localcloud.aws.recorded.verdicts import LEDGER, Judged, judged, table
from tests.localcloud.emulated import CHECKOUT

_RECORDINGS = "shared/recorded-aws/step-functions.jsonl"


@pytest.fixture(scope="module")
def executions() -> dict[str, Judged]:
    """Every recorded execution by its id, replayed."""
    places = [folder / _RECORDINGS for folder in CHECKOUT.parents]
    found = next((path for path in places if path.exists()), None)
    if found is None:
        pytest.skip("No recorded execution was replayed: ../shared/recorded-aws is absent")
    recordings = [json.loads(line) for line in found.read_text().splitlines()]
    return {recording["id"]: judged(recording) for recording in recordings}


def test_a_recorded_execution_is_the_same_here_unless_a_gap_is_named(
    executions: dict[str, Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print("", *table(list(executions.values())), sep="\n")

    different = [each for each in executions.values() if each.verdict == "different"]

    assert not different, "\n".join(f"{each.id}: {each.differences[0]}" for each in different)


def test_an_execution_that_was_mended_stays_mended(executions: dict[str, Judged]) -> None:
    verdicts = {each: executions[each].verdict for each in LEDGER["mended"] if each in executions}

    assert {each for each, verdict in verdicts.items() if verdict != "mended"} == set()


@pytest.mark.parametrize("gap", LEDGER["gaps"], ids=lambda gap: gap["feature"])
def test_a_gap_that_closes_leaves_the_ledger(
    executions: dict[str, Judged], gap: dict[str, str]
) -> None:
    known = {each: executions[each] for each in gap["ids"] if each in executions}

    assert {each for each, execution in known.items() if execution.verdict != "gap"} == set()
    assert all(gap["feature"] in execution.features for execution in known.values())


def test_what_is_not_recorded_is_named(executions: dict[str, Judged]) -> None:
    recorded = {each for each in LEDGER["not_recorded"] if each in executions}

    assert {each for each in recorded if executions[each].verdict != "not recorded"} == set()


def test_no_gap_is_in_a_feature_of_our_machine() -> None:
    settings = parse({**OF_DEV, **SECRETS}, {})
    names = Names(settings.environment, settings.account_id, settings.region)

    ours = features(definition(workflow(names, settings)))

    assert {"Map (inline)", "Task (dynamodb:updateItem)", "Retry", "Catch", "JSONata"} <= ours
    assert ours & {gap["feature"] for gap in LEDGER["gaps"]} == set()
