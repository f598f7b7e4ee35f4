"""The share of executions that are traced."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.ids import new_execution_id
from handlers.observability.sampling import trace_header

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0"


@given(percent=st.floats(0, 100))
def test_a_trace_header_changes_only_in_the_decision_and_always_alike(percent: float) -> None:
    execution = new_execution_id()
    headers = {trace_header(HEADER, execution, traced_percent=percent) for _ in range(3)}
    [header] = headers
    assert header.replace("Sampled=0", "Sampled=1") == HEADER


@pytest.mark.parametrize(("percent", "traced"), [(100, 1_000), (0, 0), (25, 250)])
def test_the_share_of_traced_executions_is_the_given_percentage(
    percent: float, traced: int
) -> None:
    ids = [str(UUID(int=(0x0193 << 112) + step * 2**62 // 1_000)) for step in range(1_000)]
    headers = [trace_header(HEADER, each, traced_percent=percent) for each in ids]
    assert sum("Sampled=1" in header for header in headers) == pytest.approx(traced, abs=2)


def test_an_untraced_start_stays_untraced() -> None:
    header = HEADER.replace("Sampled=1", "Sampled=0")
    assert trace_header(header, new_execution_id(), traced_percent=100) == header
