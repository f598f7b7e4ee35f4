"""A model call is made only if it can end in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.generation.errors import DeadlineError, ModelUnavailableError
from handlers.generation.time_budget import TimeBudget

NOW = 1_800_000_000


def budget(*, to_deadline: float, remaining: float, call: float = 45) -> TimeBudget:
    return TimeBudget(call, NOW + to_deadline, lambda: int(remaining * 1000), lambda: NOW)


def test_a_call_may_end_exactly_a_minute_before_the_deadline() -> None:
    budget(to_deadline=5 + 45 + 60, remaining=120).check()
    with pytest.raises(DeadlineError, match="50 s cannot end 60 s before"):
        budget(to_deadline=5 + 45 + 60 - 1, remaining=120).check()


def test_a_function_near_its_time_out_starts_no_call_and_names_the_setting() -> None:
    budget(to_deadline=900, remaining=60).check()
    with pytest.raises(ModelUnavailableError, match=r"59\.9 s left.*MODEL_CALL_TIMEOUT_SECONDS"):
        budget(to_deadline=900, remaining=59.9).check()


@given(
    to_deadline=st.floats(-1_000, 1_000),
    remaining=st.floats(0, 900),
    call=st.floats(1, 300),
)
def test_an_allowed_call_ends_before_the_function_and_the_deadline(
    to_deadline: float, remaining: float, call: float
) -> None:
    allowed = budget(to_deadline=to_deadline, remaining=remaining, call=call)
    if allowed.allows_another_call():
        assert call < remaining
        assert call <= to_deadline - 60
        allowed.check()
    else:
        with pytest.raises((DeadlineError, ModelUnavailableError)):
            allowed.check()
