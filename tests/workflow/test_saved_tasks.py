"""The tasks of a first execution after a second one."""

from typing import LiteralString
from uuid import UUID, uuid4

import pytest

from localcloud.database.mandala import Mandala
from tests.workflow.stage import EndedExecution, Stage, small_goal

OF_ACTION = 'SELECT id, status::text, title FROM tasks WHERE "actionId" = %s'
TOUCHED = ("IN_PROGRESS", "COMPLETED", "SKIPPED")


class TwoExecutions:
    """Two executions of a goal; in between a user changed three tasks and added one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.mandala: Mandala = stage.place(small_goal("二度目の実行", size=2))
        self.action_id = self.mandala.actions[0].action_id
        self.first: EndedExecution = stage.run(self.mandala)
        self.before = self.tasks(OF_ACTION)
        self.touched = dict(zip(sorted(self.before)[:3], TOUCHED, strict=True))
        for id_, status in self.touched.items():
            stage.conn.execute(
                'UPDATE tasks SET status = %s::text::"TaskStatus", title = %s WHERE id = %s',
                (status, f"私の{status}", id_),
            )
        self.own = uuid4()
        stage.conn.execute(
            'INSERT INTO tasks (id, "actionId", title, "estimatedMinutes", "updatedAt") '
            "VALUES (%s, %s, '自分で書いた', 15, now())",
            (self.own, self.action_id),
        )
        self.second: EndedExecution = stage.run(self.mandala)
        self.after = self.tasks(OF_ACTION)

    def tasks(self, query: LiteralString) -> dict[UUID, tuple[str, str]]:
        rows = self.stage.conn.execute(query, (self.action_id,)).fetchall()
        return {id_: (status, title) for id_, status, title in rows}


@pytest.fixture(scope="module")
def runs(stage: Stage) -> TwoExecutions:
    return TwoExecutions(stage)


def test_both_executions_save_their_tasks(runs: TwoExecutions) -> None:
    assert runs.first.execution_id != runs.second.execution_id
    assert runs.first.verified.problems == ()
    assert runs.second.verified.problems == ()


def test_tasks_that_a_user_started_completed_or_skipped_stay(runs: TwoExecutions) -> None:
    for id_, status in runs.touched.items():
        assert runs.after[id_] == (status, f"私の{status}")


def test_a_task_that_a_user_added_stays(runs: TwoExecutions) -> None:
    assert runs.after[runs.own] == ("NOT_STARTED", "自分で書いた")
    assert runs.second.verified.others == 4


def test_tasks_that_were_not_started_are_replaced(runs: TwoExecutions) -> None:
    untouched = set(runs.before) - set(runs.touched)
    new = {task.task_id for task in runs.second.verified.tasks[runs.action_id]}

    assert untouched.isdisjoint(runs.after)
    assert set(runs.after) == {*runs.touched, runs.own, *new}
