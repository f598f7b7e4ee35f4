"""Ids: an execution's holds its time, a task's its origin."""

import time
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from handlers.contract.ids import new_execution_id, task_id


def test_an_execution_id_is_a_uuid_of_version_7_with_its_time() -> None:
    before = time.time_ns() // 1_000_000
    identity = UUID(new_execution_id())
    after = time.time_ns() // 1_000_000
    assert (identity.version, identity.variant) == (7, "specified in RFC 4122")
    assert before <= identity.int >> 80 <= after


def test_execution_ids_differ_within_a_millisecond() -> None:
    assert len({new_execution_id() for _ in range(1000)}) == 1000


def test_a_tasks_id_is_the_same_in_every_version() -> None:
    """Another one would let a repeated save, by a newer version, insert twice."""
    identity = task_id(
        "01936d2e-0000-7000-8000-000000000000", "00000000-0000-4000-8000-000000000001", 0
    )
    assert str(identity) == "6ccea410-147e-538f-93a5-2954461376e1"


@given(st.sets(st.tuples(st.uuids(), st.uuids(), st.integers(0, 9)), max_size=20))
def test_tasks_of_other_executions_actions_or_places_have_other_ids(
    origins: set[tuple[UUID, UUID, int]],
) -> None:
    ids = {task_id(str(execution), str(action), index) for execution, action, index in origins}
    assert len(ids) == len(origins)
    assert all(identity.version == 5 for identity in ids)
