"""The user guide's tables of missing data, row by row, and properties of its rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.cloudwatch.alarm_definitions import AlarmState, MissingData
from localcloud.aws.cloudwatch.evaluation import state_of

OK, ALARM, NO_DATA, STAY = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, None
TREATMENTS = (
    MissingData.MISSING,
    MissingData.IGNORE,
    MissingData.BREACHING,
    MissingData.NOT_BREACHING,
)

# "Configuring how CloudWatch alarms treat missing data": evaluation range 5, 3 periods
THREE_OF_THREE = {
    "0 - X - X": (OK, OK, OK, OK),
    "0 - - - -": (OK, OK, OK, OK),
    "- - - - -": (NO_DATA, STAY, ALARM, OK),
    "0 X X - X": (ALARM, ALARM, ALARM, ALARM),
    "- - X - -": (ALARM, STAY, ALARM, OK),
    # the guide's edition of 2018
    "- - - - X": (NO_DATA, STAY, ALARM, OK),
    "X - - - -": (ALARM, STAY, ALARM, OK),
}
TWO_OF_THREE = {
    "0 - X - X": (ALARM, ALARM, ALARM, ALARM),
    "0 0 X 0 X": (ALARM, ALARM, ALARM, ALARM),
    "0 - X - -": (OK, OK, ALARM, OK),
    "- - - - 0": (OK, OK, ALARM, OK),
    "- - - X -": (ALARM, STAY, ALARM, OK),
    "- - - - X": (NO_DATA, STAY, ALARM, OK),
}
ROWS = [
    (row, points, treatment, state)
    for points, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for row, states in table.items()
    for treatment, state in zip(TREATMENTS, states, strict=True)
]
_SIGNS = {"0": False, "X": True, "-": None}


@pytest.mark.parametrize(("row", "points", "treatment", "state"), ROWS)
def test_a_row_of_the_guides_tables(
    row: str, points: int, treatment: MissingData, state: AlarmState | None
) -> None:
    range_ = [_SIGNS[sign] for sign in row.split()]

    assert (
        state_of(range_, evaluation_periods=3, datapoints_to_alarm=points, missing_data=treatment)
        is state
    )


ranges = st.lists(st.sampled_from([True, False, None]), min_size=5, max_size=5)
whole_ranges = st.lists(st.booleans(), min_size=5, max_size=5)
points_of_three = st.integers(1, 3)


@given(whole_ranges, points_of_three, st.sampled_from(TREATMENTS))
def test_without_missing_data_m_of_the_last_n_decide(
    range_: list[bool], points: int, missing: MissingData
) -> None:
    state = state_of(range_, evaluation_periods=3, datapoints_to_alarm=points, missing_data=missing)

    assert state is (ALARM if sum(range_[-3:]) >= points else OK)


@given(ranges, points_of_three)
def test_breaching_is_never_milder_than_not_breaching(
    range_: list[bool | None], points: int
) -> None:
    lenient = state_of(
        range_,
        evaluation_periods=3,
        datapoints_to_alarm=points,
        missing_data=MissingData.NOT_BREACHING,
    )
    severe = state_of(
        range_, evaluation_periods=3, datapoints_to_alarm=points, missing_data=MissingData.BREACHING
    )

    assert lenient is OK or severe is ALARM


@given(ranges, points_of_three)
def test_a_range_with_a_good_data_point_always_has_a_state(
    range_: list[bool | None], points: int
) -> None:
    for missing in (MissingData.MISSING, MissingData.IGNORE):
        state = state_of(
            range_, evaluation_periods=3, datapoints_to_alarm=points, missing_data=missing
        )
        if state in (NO_DATA, STAY):
            assert False not in range_
