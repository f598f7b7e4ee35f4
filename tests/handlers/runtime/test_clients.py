"""Clients are made once per cold start, with the patience of their use."""

from collections.abc import Iterator
from typing import Any

import pytest

from handlers.contract.functions import WORKFLOW_STATUS
from handlers.runtime.clients import QUICK, STEADY, Patience, client
from tests.handlers.cold_start import start_cold


@pytest.fixture(autouse=True)
def cold_start(aws: None) -> Iterator[None]:
    start_cold()
    yield
    start_cold()


def test_a_client_is_made_once_per_service_and_patience() -> None:
    assert client("dynamodb", STEADY) is client("dynamodb", STEADY)
    assert client("dynamodb", QUICK) is not client("dynamodb", STEADY)


def test_a_client_has_the_time_outs_and_attempts_of_its_patience() -> None:
    config: Any = client("dynamodb", Patience(2, 7, 4)).meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 7)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_quick_attempts_end_within_the_time_out_of_workflow_status() -> None:
    """Between two attempts botocore waits for a second at most."""
    seconds = QUICK.attempts * (QUICK.connect_seconds + QUICK.read_seconds) + QUICK.attempts - 1
    assert seconds < WORKFLOW_STATUS.timeout_seconds
